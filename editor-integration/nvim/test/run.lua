-- Checks the plugin in a headless Neovim against a real server:
--   LILT="lilt lsp" nvim --headless -u NONE -l run.lua          (Neovim 0.9 and newer)
--   LILT="lilt lsp" nvim --headless -u NONE -c "luafile run.lua"
-- LILT may be `scripted_host lsp`, the example of runtime/editor, which needs no sound.
local here = debug.getinfo(1, "S").source:sub(2):match("^(.*)/test/[^/]*$") or ".."
vim.opt.runtimepath:append(here)
vim.cmd("runtime plugin/lilt.lua")

local lilt = require("lilt")
lilt.setup({ cmd = vim.split(vim.env.LILT or "lilt lsp", " ") })

local failed = false
local function check(what, holds)
  local deadline = vim.loop.now() + 20000
  while not holds() and vim.loop.now() < deadline do
    vim.wait(20)
  end
  local ok = holds()
  failed = failed or not ok
  io.stdout:write((ok and "ok      " or "MISSING ") .. what .. "\n")
end

local function marks()
  local namespace = vim.api.nvim_get_namespaces().lilt
  local found = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
    found[mark[2] + 1] = mark[4].virt_text[1][1]
  end
  return found
end

check("the row of surprises grows with each note and forgets the oldest", function()
  local rows = {}
  local function text(nats)
    local slot = { name = "lead", rung = "fresh", playing = "folk", surprise = nats }
    rows = lilt.follow_surprises(rows, { slots = { slot } })
    return lilt.slot_text(slot, rows.lead)
  end
  local first = text(0) == "fresh · ▁ · folk" and text(0) == "fresh · ▁ · folk" and text(1) == "fresh · ▁▂ · folk"
  for nats = 2, 12 do
    text(nats)
  end
  return first and #rows.lead.blocks == 8 and text(30) == "fresh · " .. table.concat(rows.lead.blocks) .. " · folk"
    and text(vim.NIL) == "fresh · folk"
end)

check("a tilt tells its effective sample size and log of Z", function()
  local slot = { rung = "fresh", playing = "folk", ess = 0.42, logZ = -1.3 }
  return lilt.slot_text(slot) == "fresh · folk · ESS 42% · ln Z -1.3"
end)

check("a costly function is told from a tenth of the time on", function()
  local cost = { what = "gain", line = 6, millisecondsPerCall = 4, share = 0.31, over = false }
  local slot = { playing = "pad", cost = cost }
  local text = lilt.slot_text(slot)
  cost.share = 0.09
  return text == "pad · gain takes 4.0 ms a call, 31% of its time" and lilt.slot_text(slot) == "pad"
end)

local folder = vim.fn.tempname()
vim.fn.mkdir(folder, "p")
local path = folder .. "/song.lua"
vim.fn.writefile({ "-- lilt", 'play("lead", "c4 e4"):on(synth "pluck")' }, path)

vim.cmd("filetype on")
vim.cmd("edit " .. path)
check("a marked file is played by itself", function()
  return (lilt.status(0) or {}).attached == true
end)
check("the statusline shows the generation", function()
  return lilt.statusline():match("gen [1-9]") ~= nil
end)
check("the slot is marked beside its line", function()
  return (marks()[2] or ""):match("▸ ") ~= nil
end)

check("the statusline tells how far a bake is", function()
  lilt.on_status(vim.tbl_extend("force", lilt.status(0), { baking = { { model = "folk", progress = 0.4 } } }))
  return lilt.statusline():match("baking folk 40%%%%$") ~= nil
end)
check("the statusline tells of a recording", function()
  lilt.on_status(vim.tbl_extend("force", lilt.status(0), { recording = "/home/ada/song-live.wav" }))
  return lilt.statusline():match("  recording$") ~= nil
end)

vim.api.nvim_buf_set_lines(0, 2, -1, false, { 'paly("bass", "c2"):on(synth "bass")' })
check("a mistake is marked with its line", function()
  local found = vim.diagnostic.get(0)
  return #found > 0 and found[1].lnum == 2 and found[1].message:match("paly") ~= nil
end)
check("the statusline tells of the mistake", function()
  return lilt.statusline():match("✗ line 3") ~= nil
end)
check("the music goes on", function()
  return lilt.status(0).playing == true
end)

vim.api.nvim_buf_set_lines(0, 2, -1, false, { 'play("bass", "c2"):on(synth "bass")' })
check("the corrected line has no mark of a mistake", function()
  return #vim.diagnostic.get(0) == 0
end)
check("the new slot is marked beside its line", function()
  return (marks()[3] or ""):match("▸ ") ~= nil
end)

check("there is a command that clears the state", function()
  return vim.fn.exists(":LiltClearState") == 2 and pcall(vim.cmd, "LiltClearState")
end)

vim.cmd("LiltHush")
check("hush silences", function()
  local status = lilt.status(0)
  local silent = not status.playing
  for _, slot in ipairs(status.slots) do
    silent = silent or slot.silent
  end
  return silent
end)
vim.cmd("LiltStop")
check("stop ends the host", function()
  return (lilt.status(0) or {}).attached == false
end)
check("the marks are gone", function()
  return next(marks()) == nil
end)

vim.cmd("saveas " .. folder .. "/other.lua")
check("a script saved under another name is played by that name", function()
  local status = lilt.status(0) or {}
  return status.attached == true and status.uri:match("/other%.lua$") ~= nil and #status.slots == 2
end)
vim.cmd("LiltStop")
check("and its host can be stopped", function()
  return (lilt.status(0) or {}).attached == false
end)

vim.cmd(failed and "cquit!" or "qall!")
