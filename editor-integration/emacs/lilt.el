;;; lilt.el --- Play Lilt scripts from Emacs with eglot -*- lexical-binding: t -*-

;; Needs Emacs 29 or newer (which has eglot). `M-x lilt' in a script plays it: eglot starts `lilt lsp', every
;; change is heard, mistakes are marked by Flymake, and the mode line shows where the music is.

;;; Code:

(require 'eglot)
(require 'jsonrpc)

(defvar lilt-command '("lilt" "lsp")
  "The language server of Lilt.")

(defvar-local lilt--status nil
  "What plays in this script, as the server last said.")

(define-derived-mode lilt-mode prog-mode "Lilt"
  "Mode for the scripts of Lilt, which are Lua."
  (setq-local comment-start "-- ")
  ;; Every keystroke goes out as soon as Emacs is idle.
  (setq-local eglot-send-changes-idle-time 0))

(add-to-list 'eglot-server-programs (cons 'lilt-mode (lambda (&rest _) lilt-command)))

(cl-defmethod eglot-handle-notification (_server (_method (eql lilt/status)) &rest status)
  "Remember and show what plays."
  (let* ((path (eglot-uri-to-path (plist-get status :uri)))
         (buffer (find-buffer-visiting path)))
    (when buffer
      (with-current-buffer buffer
        (setq lilt--status status)
        (setq mode-line-process (lilt--mode-line))
        (force-mode-line-update)))))

(defun lilt--mode-line ()
  "The words for the mode line."
  (if (eq (plist-get lilt--status :attached) t)
      (format " %s%d.%d %g bpm gen %d"
              (if (eq (plist-get lilt--status :playing) t) "▶" "■")
              (plist-get lilt--status :bar)
              (floor (plist-get lilt--status :beatInBar))
              (plist-get lilt--status :tempo)
              (plist-get lilt--status :generation))
    " no host"))

(defun lilt--tell (method)
  "Send METHOD for this script."
  (jsonrpc-request (eglot--current-server-or-lose) method
                   (list :uri (eglot-path-to-uri buffer-file-name))))

(defun lilt ()
  "Play this script."
  (interactive)
  (lilt-mode)
  (call-interactively #'eglot))

(defun lilt-commit () "Take over the last change now." (interactive) (lilt--tell :lilt/commit))
(defun lilt-hush () "Let everything fade out." (interactive) (lilt--tell :lilt/hush))
(defun lilt-panic () "Cut every sound." (interactive) (lilt--tell :lilt/panic))
(defun lilt-stop () "End the host of this script." (interactive) (lilt--tell :lilt/stop))

(provide 'lilt)
;;; lilt.el ends here
