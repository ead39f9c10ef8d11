-- Lilt in Neovim: starts `lilt lsp` for a script, shows what each slot plays beside its line, and gives a
-- text for the statusline. Needs Neovim 0.7 or newer.
local M = {}

local config = {
  -- The language server.
  cmd = { "lilt", "lsp" },
  -- Whether each slot's rung and what it plays is written behind its line.
  virtual_text = true,
}

local namespace = vim.api.nvim_create_namespace("lilt")
local client_id
-- The last status of each buffer that is played, by buffer number.
local statuses = {}
-- How the newest notes of each slot surprised their model, by buffer number and the slot's name.
local surprises = {}

-- From what a model expected to what it did not; a note of 1 nat is the second, one of 9 the last.
local blocks = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

-- Sets what differs from the defaults above.
function M.setup(options)
  config = vim.tbl_extend("force", config, options or {})
end

-- Whether a buffer says that it is a script of Lilt: its first line is a comment that begins with `lilt`.
function M.is_marked(buffer)
  local first = vim.api.nvim_buf_get_lines(buffer, 0, 1, false)[1] or ""
  return first:match("^%-%-+%s*[Ll]ilt%f[%W]") ~= nil
end

-- What is known of the surprises of the slots, by name, after one more status: the newest nats, and a block for
-- each of the last eight notes. Notes that follow each other faster than the status comes are left out.
function M.follow_surprises(rows, status)
  local followed = {}
  for _, slot in ipairs(status.slots or {}) do
    if type(slot.surprise) == "number" then
      local row = rows[slot.name] or { blocks = {} }
      if row.newest ~= slot.surprise then
        local height = math.min(#blocks, 1 + math.floor(#blocks * (1 - math.exp(-slot.surprise / 4))))
        local shown = { unpack(row.blocks, math.max(1, #row.blocks - 6)) }
        table.insert(shown, blocks[height])
        row = { newest = slot.surprise, blocks = shown }
      end
      followed[slot.name] = row
    end
  end
  return followed
end

-- The words for one slot: its rung, how its newest notes surprised (`row`, if that is known), what it plays, and
-- the effective sample size and the log of Z of a tilted take, and what its costliest function costs.
function M.slot_text(slot, row)
  local words = {}
  local function add(word)
    if word and word ~= vim.NIL and word ~= "" then
      table.insert(words, word)
    end
  end
  add(slot.rung)
  add(row and table.concat(row.blocks))
  add(slot.playing)
  if type(slot.ess) == "number" then
    add(("ESS %d%%"):format(math.floor(slot.ess * 100 + 0.5)))
  end
  if type(slot.logZ) == "number" then
    add(("ln Z %.1f"):format(slot.logZ))
  end
  local cost = slot.cost
  if type(cost) == "table" and cost.share >= 0.1 then
    local share = math.floor(cost.share * 100 + 0.5)
    add(("%s takes %.1f ms a call, %d%% of its time"):format(cost.what, cost.millisecondsPerCall, share))
  end
  if slot.silent then
    add("silent")
  end
  return table.concat(words, " · ")
end

local function highlight(slot)
  if slot.silent or slot.rung == "rest" then
    return "Comment"
  elseif type(slot.cost) == "table" and slot.cost.over then
    return "ErrorMsg"
  elseif slot.rung == "stale" or slot.rung == "loop" then
    return "WarningMsg"
  end
  return "String"
end

local function draw(buffer, status)
  vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  if not config.virtual_text then
    return
  end
  local last = vim.api.nvim_buf_line_count(buffer)
  for _, slot in ipairs(status.slots or {}) do
    if type(slot.line) == "number" and slot.line >= 1 and slot.line <= last then
      vim.api.nvim_buf_set_extmark(buffer, namespace, slot.line - 1, 0, {
        virt_text = { { "  ▸ " .. M.slot_text(slot, surprises[buffer][slot.name]), highlight(slot) } },
        hl_mode = "combine",
      })
    end
  end
end

-- What makes the marks beside the lines; the playhead alone does not.
local function drawn(status, rows)
  local parts = {}
  for _, slot in ipairs(status.slots or {}) do
    table.insert(parts, tostring(slot.line) .. "\t" .. M.slot_text(slot, rows[slot.name]))
  end
  return table.concat(parts, "\n")
end

-- Takes a `lilt/status` notification.
function M.on_status(params)
  local buffer = vim.uri_to_bufnr(params.uri)
  if not vim.api.nvim_buf_is_loaded(buffer) then
    return
  end
  local before, rows = statuses[buffer], surprises[buffer] or {}
  statuses[buffer] = params
  surprises[buffer] = M.follow_surprises(rows, params)
  if not before or drawn(before, rows) ~= drawn(params, surprises[buffer]) then
    draw(buffer, params)
  end
  vim.cmd("redrawstatus!")
  vim.api.nvim_exec_autocmds("User", { pattern = "LiltStatus", modeline = false })
end

-- The last status of a buffer as the server sent it (see PROTOCOL.md), or nil.
function M.status(buffer)
  if not buffer or buffer == 0 then
    buffer = vim.api.nvim_get_current_buf()
  end
  return statuses[buffer]
end

-- A text for the statusline, for example
-- `vim.o.statusline = "%f %m%=%{%v:lua.require'lilt'.statusline()%}"`. Empty for other buffers.
function M.statusline()
  local status = M.status(0)
  if not status then
    return ""
  elseif not status.attached then
    return "lilt: no host"
  end
  local text = ("lilt %s %d.%d  %g bpm  gen %d"):format(
    status.playing and "▶" or "■",
    status.bar,
    math.floor(status.beatInBar),
    status.tempo,
    status.generation
  )
  local rungs = {}
  for _, slot in ipairs(status.slots) do
    if type(slot.rung) == "string" and slot.rung ~= "fresh" then
      table.insert(rungs, slot.name .. " " .. slot.rung)
    end
  end
  if #rungs > 0 then
    text = text .. "  " .. table.concat(rungs, ", ")
  end
  for _, bake in ipairs(status.baking or {}) do
    text = text .. ("  baking %s %d%%"):format(bake.model, math.floor(bake.progress * 100 + 0.5))
  end
  if type(status.recording) == "string" then
    text = text .. "  recording"
  end
  if type(status.lastError) == "table" then
    text = text .. ("  ✗ line %d"):format(status.lastError.line)
  end
  -- A percent sign means nothing to the statusline.
  return (text:gsub("%%", "%%%%"))
end

-- Plays a buffer: starts the server when it does not run, and attaches the buffer to it.
function M.start(buffer)
  if buffer == 0 then
    buffer = vim.api.nvim_get_current_buf()
  end
  if vim.api.nvim_buf_get_name(buffer) == "" then
    vim.notify("Lilt plays files: save this buffer first", vim.log.levels.WARN)
    return
  end
  local options = {
    name = "lilt",
    cmd = config.cmd,
    root_dir = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ":p:h"),
    -- Every keystroke goes out at once: the host decides when it is heard.
    flags = { debounce_text_changes = 0, allow_incremental_sync = false },
    handlers = {
      ["lilt/status"] = function(_, params)
        M.on_status(params)
      end,
    },
    on_exit = function()
      client_id = nil
      vim.schedule(function()
        for number in pairs(statuses) do
          if vim.api.nvim_buf_is_valid(number) then
            vim.api.nvim_buf_clear_namespace(number, namespace, 0, -1)
          end
        end
        statuses = {}
      end)
    end,
  }
  if vim.lsp.start then
    client_id = vim.lsp.start(options, {
      bufnr = buffer,
      -- One server for all scripts, whatever their folder.
      reuse_client = function(client)
        return client.name == "lilt"
      end,
    })
  else
    -- Neovim 0.7.
    if not client_id or not vim.lsp.get_client_by_id(client_id) then
      client_id = vim.lsp.start_client(options)
    end
    if client_id then
      vim.lsp.buf_attach_client(buffer, client_id)
    end
  end
  if not client_id then
    vim.notify("Lilt's language server does not start: " .. table.concat(config.cmd, " "), vim.log.levels.ERROR)
  end
end

-- A played buffer is about to get another name: the server leaves the old one, which Neovim's own client keeps.
-- Says whether the buffer is to be played again by its new name.
function M.renaming(buffer)
  local client = client_id and vim.lsp.get_client_by_id(client_id)
  if not client or not statuses[buffer] then
    return false
  end
  -- Says `textDocument/didClose` with the name that it still has.
  vim.lsp.buf_detach_client(buffer, client_id)
  vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  statuses[buffer] = nil
  return true
end

-- Sends one of `lilt/commit`, `lilt/hush`, `lilt/like` and the others of PROTOCOL.md for the current buffer.
function M.command(name)
  local client = client_id and vim.lsp.get_client_by_id(client_id)
  if not client then
    vim.notify("Lilt does not play this buffer; :Lilt starts it", vim.log.levels.WARN)
    return
  end
  local function answered(err)
    if err then
      vim.notify("Lilt: " .. err.message, vim.log.levels.WARN)
    end
  end
  local method, params = "lilt/" .. name, { uri = vim.uri_from_bufnr(0) }
  if vim.fn.has("nvim-0.11") == 1 then
    client:request(method, params, answered, 0)
  else
    client.request(method, params, answered, 0)
  end
end

return M
