//! The threads that make takes.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::service::Service;
use crate::{Answer, Call, Input, ModelError, Verb, Watch};

/// Makes takes until the service ends.
pub(crate) fn work(service: &Service) {
    while let Some((id, job)) = service.next_job() {
        let Some(call) = job.take_call() else { continue };
        let watch = job.watch.seen(service.particles(), &job.model, job.is_draft);
        let outcome = answer(&call, &watch);
        service.finish(id, &job, outcome.map(Arc::new).map_err(Arc::new));
        // Held until here, so that what the take starts from is not cancelled under it, and dropped
        // outside the service's lock.
        drop(call);
    }
}

/// What the model answers. A panic in the model is an error of this take alone.
fn answer(call: &Call, watch: &Watch) -> Result<Answer, ModelError> {
    catch_unwind(AssertUnwindSafe(|| ask(call, watch))).unwrap_or_else(|panic| {
        Err(ModelError::Panicked {
            model: call.model.description().name.clone(),
            verb: call.verb.name(),
            message: message(panic.as_ref()),
        })
    })
}

fn ask(call: &Call, watch: &Watch) -> Result<Answer, ModelError> {
    watch.check()?;
    call.check()?;
    let model = &*call.model;
    let piece = |input: &Input| input.piece(model, call.verb.name());
    match &call.verb {
        Verb::Sample(sampling) => model.sample(sampling, watch).map(Answer::Sampled),
        Verb::Continue { primer, sampling } => {
            model.continue_from(&piece(primer)?, sampling, watch).map(Answer::Sampled)
        }
        Verb::Score { piece: scored, conditions } => {
            model.score(&piece(scored)?, conditions, watch).map(Answer::Scored)
        }
        Verb::Transform { name, piece: from, sampling } => {
            model.transform(name, &piece(from)?, sampling, watch).map(Answer::Sampled)
        }
        Verb::Interpolate { from, to, interpolation } => {
            model.interpolate(&piece(from)?, &piece(to)?, interpolation, watch).map(Answer::Interpolated)
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it gave no reason".to_owned())
}
