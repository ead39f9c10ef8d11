-- Commands and automatic start of Lilt in Neovim. Loaded once, at start.
if vim.g.loaded_lilt then
  return
end
vim.g.loaded_lilt = true

local lilt = require("lilt")

vim.api.nvim_create_user_command("Lilt", function()
  lilt.start(0)
end, { desc = "Play this script with Lilt" })
vim.api.nvim_create_user_command("LiltCommit", function()
  lilt.command("commit")
end, { desc = "Take over the last change at the next boundary, without waiting for a pause" })
vim.api.nvim_create_user_command("LiltHush", function()
  lilt.command("hush")
end, { desc = "Let everything fade out" })
vim.api.nvim_create_user_command("LiltPanic", function()
  lilt.command("panic")
end, { desc = "Cut every sound at once" })
vim.api.nvim_create_user_command("LiltClearState", function()
  lilt.command("clearState")
end, { desc = "Forget what the script keeps in its table `state`" })
vim.api.nvim_create_user_command("LiltLike", function()
  lilt.command("like")
end, { desc = "Say that you like what a model played a moment ago" })
vim.api.nvim_create_user_command("LiltNope", function()
  lilt.command("nope")
end, { desc = "Say that you do not like what a model played a moment ago" })
vim.api.nvim_create_user_command("LiltUndoTaste", function()
  lilt.command("undoTaste")
end, { desc = "Take back the last like or nope" })
vim.api.nvim_create_user_command("LiltForgetTaste", function()
  lilt.command("forgetTaste")
end, { desc = "Take back all likes and nopes" })
vim.api.nvim_create_user_command("LiltRecord", function()
  lilt.command("record")
end, { desc = "Record the sound into a new file beside the script" })
vim.api.nvim_create_user_command("LiltStopRecording", function()
  lilt.command("stopRecording")
end, { desc = "End the recording" })
vim.api.nvim_create_user_command("LiltStop", function()
  lilt.command("stop")
end, { desc = "End the host that plays this script" })

local group = vim.api.nvim_create_augroup("lilt", { clear = true })
vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile", "FileType" }, {
  group = group,
  pattern = { "*.lua", "lua" },
  callback = function(event)
    if lilt.is_marked(event.buf) then
      lilt.start(event.buf)
    end
  end,
})

-- Saved under another name, the music goes on by that name.
local renamed = {}
vim.api.nvim_create_autocmd("BufFilePre", {
  group = group,
  callback = function(event)
    renamed[event.buf] = lilt.renaming(event.buf)
  end,
})
vim.api.nvim_create_autocmd("BufFilePost", {
  group = group,
  callback = function(event)
    if renamed[event.buf] then
      renamed[event.buf] = nil
      lilt.start(event.buf)
    end
  end,
})
