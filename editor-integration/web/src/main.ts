import { takeToken } from "./connection";
import { Instrument } from "./instrument";
import { look, settings } from "./settings";
import { Stage } from "./stage";

look(settings());
const token = takeToken();
if (document.body.dataset["page"] === "stage") {
  new Stage(token);
} else {
  // Tests and measurements look at it from the console.
  Object.assign(window, { lilt: new Instrument(token) });
}
