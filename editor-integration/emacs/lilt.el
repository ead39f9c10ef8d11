;;; lilt.el --- Play Lilt scripts while you type them -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; Keywords: languages, multimedia

;;; Commentary:

;; A Lua file whose first line is a comment that begins with `lilt' is played as soon as you open it; any other
;; with `M-x lilt'.  Eglot starts `lilt lsp': every change is heard, and mistakes are marked by Flymake.  Behind
;; each slot's line stands what it plays, the mode line shows where the music is, and `C-c C-z' opens the buffer
;; `*Lilt*', which shows all slots, what is baked and what the script printed.

;;; Code:

(require 'cl-lib)
(require 'easymenu)
(require 'eglot)
(require 'jsonrpc)
(require 'lilt-status)
(require 'seq)
(require 'url-parse)
(require 'url-util)

(defcustom lilt-command '("lilt" "lsp")
  "The language server of Lilt: the program and its arguments."
  :type '(repeat string)
  :group 'lilt)

(defcustom lilt-play-marked t
  "Whether a marked script is played as soon as it is opened.
It is marked by `-- lilt' in its first line."
  :type 'boolean
  :group 'lilt)

(defcustom lilt-show-slots t
  "Whether what each slot plays is written behind its line."
  :type 'boolean
  :group 'lilt)

(defcustom lilt-said-lines 8
  "How many lines of what the script printed the buffer *Lilt* shows."
  :type 'natnum
  :group 'lilt)

;;;; The mode

(defvar lilt-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?- ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?' "\"" table)
    table)
  "What comments and texts look like in Lua.")

(defconst lilt--keywords
  `((,(regexp-opt '("and" "break" "continue" "do" "else" "elseif" "end" "for" "function" "if" "in" "local" "not"
                    "or" "repeat" "return" "then" "until" "while")
                  'symbols)
     . 'font-lock-keyword-face)
    (,(regexp-opt '("false" "nil" "true") 'symbols) . 'font-lock-constant-face))
  "The words of Lua, for an Emacs without `lua-mode'.")

(defvar lilt-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-c") #'lilt-commit)
    (define-key map (kbd "C-c C-s") #'lilt-hush)
    (define-key map (kbd "C-c C-k") #'lilt-panic)
    (define-key map (kbd "C-c C-r") #'lilt-clear-state)
    (define-key map (kbd "C-c C-w") #'lilt-record)
    (define-key map (kbd "C-c C-e") #'lilt-stop-recording)
    (define-key map (kbd "C-c C-q") #'lilt-stop)
    (define-key map (kbd "C-c C-z") #'lilt-show)
    map)
  "The keys of `lilt-mode'.")

(defconst lilt--menu
  '("Lilt"
    ["Play This Script" lilt]
    ["Show What Plays" lilt-show]
    "--"
    ["Take Over the Last Change Now" lilt-commit]
    ["Hush: Let Everything Fade Out" lilt-hush]
    ["Panic: Cut Every Sound" lilt-panic]
    ["Clear the State of This Script" lilt-clear-state]
    ["Record the Sound" lilt-record]
    ["End the Recording" lilt-stop-recording]
    ["Stop the Host of This Script" lilt-stop])
  "The menu of a script and of the buffer *Lilt*.")

(easy-menu-define nil lilt-mode-map "What can be done with a script." lilt--menu)

;; Only scripts are in `lilt-mode', not the modules that they require: the server plays whatever it is told of.
(defalias 'lilt--parent-mode (if (fboundp 'lua-mode) #'lua-mode #'prog-mode)
  "Lua's own mode where there is one.")

;;;###autoload
(define-derived-mode lilt-mode lilt--parent-mode "Lilt"
  "Mode for the scripts of Lilt, which are Lua.

\\{lilt-mode-map}"
  (setq-local comment-start "-- ")
  (setq-local comment-start-skip "--+[ \t]*")
  (unless (derived-mode-p 'lua-mode)
    (setq-local font-lock-defaults '(lilt--keywords)))
  ;; Every keystroke goes out as soon as Emacs is idle: the host decides when it is heard.
  (setq-local eglot-send-changes-idle-time 0)
  (add-hook 'eglot-managed-mode-hook #'lilt--managed nil t)
  (when (and lilt-play-marked (lilt-marked-p))
    (if (lilt--program-p)
        (eglot-ensure)
      (message "%s" (lilt--no-program)))))

;;;###autoload
(defun lilt-marked-p ()
  "Whether this buffer is marked as a script of Lilt.
That is a Lua file whose first line is a comment that begins with `lilt'."
  (and buffer-file-name
       (string-suffix-p ".lua" buffer-file-name)
       (save-excursion
         (save-restriction
           (widen)
           (goto-char (point-min))
           (looking-at-p "--+[ \t]*[Ll]ilt\\(?:[^[:alnum:]_]\\|$\\)")))))

;;;###autoload
(add-to-list 'magic-mode-alist '(lilt-marked-p . lilt-mode))

;;;; The server

(defclass lilt-server (eglot-lsp-server)
  ((said :initform nil :accessor lilt-server-said
         :documentation "The lines that scripts and their hosts said last, newest first."))
  "A running `lilt lsp'.")

(add-to-list 'eglot-server-programs
             (cons '(lilt-mode :language-id "lua") (lambda (&rest _) (cons 'lilt-server lilt-command))))

(defvar-local lilt--status nil
  "What plays in this script, as the server last said (see PROTOCOL.md).")

(defvar-local lilt--surprises nil
  "How the newest notes of each slot surprised a model.")

(defvar lilt-status-functions nil
  "Functions that are called with each status of a script, in its buffer.")

(defun lilt-status (&optional buffer)
  "The last status of BUFFER or the current one, or nil.
It is a property list with the fields that PROTOCOL.md describes."
  (buffer-local-value 'lilt--status (or buffer (current-buffer))))

(defun lilt--buffer (uri)
  "The buffer of the script at URI, or nil."
  (let ((path (url-unhex-string (url-filename (url-generic-parse-url uri)))))
    (find-buffer-visiting (decode-coding-string path 'utf-8))))

(cl-defmethod eglot-handle-notification ((_server lilt-server) (_method (eql 'lilt/status)) &rest status)
  "Show STATUS and keep it."
  (when-let* ((buffer (lilt--buffer (plist-get status :uri))))
    (with-current-buffer buffer
      (lilt--take-in status))))

(cl-defmethod eglot-handle-notification
  ((server lilt-server) (_method (eql 'window/logMessage)) &key message &allow-other-keys)
  "Remember MESSAGE, which a script printed or SERVER has to say."
  (let ((lines (append (reverse (split-string message "\n")) (lilt-server-said server))))
    (setf (lilt-server-said server) (seq-take lines lilt-said-lines)))
  (lilt--refresh-board))

(defun lilt--take-in (status)
  "Show STATUS in this script, its mode line and the buffer *Lilt*."
  (let ((surprises (lilt-status-follow-surprises lilt--surprises status))
        (words (lilt-status-mode-line status)))
    (setq lilt--status status
          lilt--surprises surprises)
    (lilt--draw (and lilt-show-slots
                     (lilt-status-marks status (line-number-at-pos (point-max) t) surprises)))
    (unless (equal mode-line-process words)
      (setq mode-line-process words)
      (force-mode-line-update)))
  (lilt--refresh-board)
  (run-hook-with-args 'lilt-status-functions status))

(defun lilt--managed ()
  "Forget what played when the server has left this script."
  (unless (eglot-managed-p)
    (setq lilt--status nil
          lilt--surprises nil
          mode-line-process nil)
    (lilt--draw nil)
    (lilt--refresh-board)))

;;;; Behind the lines

(defvar-local lilt--marks nil
  "The marks that stand behind the lines, as `lilt-status-marks' gave them.")

(defvar-local lilt--overlays nil
  "The overlays that show them.")

(defun lilt--draw (wanted)
  "Show what is WANTED behind the lines, and nothing else there."
  ;; Most statuses only move the playhead.
  (unless (equal-including-properties wanted lilt--marks)
    (mapc #'delete-overlay lilt--overlays)
    (setq lilt--marks wanted
          lilt--overlays (save-excursion
                           (save-restriction
                             (widen)
                             (mapcar #'lilt--overlay wanted))))))

(defun lilt--overlay (mark)
  "A new overlay for MARK on its line."
  (goto-char (point-min))
  (forward-line (1- (car mark)))
  (let ((overlay (make-overlay (point) (line-end-position) nil t nil))
        (text (copy-sequence (cadr mark))))
    ;; So that the cursor at the end of the line stands before the mark.
    (put-text-property 0 1 'cursor t text)
    (overlay-put overlay 'lilt t)
    (overlay-put overlay 'after-string text)
    (overlay-put overlay 'modification-hooks '(lilt--follow-line))
    (overlay-put overlay 'insert-behind-hooks '(lilt--follow-line))
    overlay))

(defun lilt--follow-line (overlay after &rest _)
  "Keep OVERLAY to the line that it begins on, AFTER a change."
  (when after
    (save-excursion
      (goto-char (overlay-start overlay))
      (move-overlay overlay (point) (line-end-position)))))

;;;; The buffer *Lilt*

(defvar-local lilt--script nil
  "The script's buffer that this buffer *Lilt* is about.")

(defvar lilt-board-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'lilt-visit-slot)
    (define-key map [mouse-2] #'lilt-visit-slot)
    (define-key map "c" #'lilt-commit)
    (define-key map "s" #'lilt-hush)
    (define-key map "k" #'lilt-panic)
    (define-key map "R" #'lilt-clear-state)
    (define-key map "w" #'lilt-record)
    (define-key map "e" #'lilt-stop-recording)
    (define-key map "Q" #'lilt-stop)
    map)
  "The keys of the buffer *Lilt*.")

(easy-menu-define nil lilt-board-mode-map "What can be done with a script." lilt--menu)

(define-derived-mode lilt-board-mode special-mode "Lilt board"
  "Mode of the buffer *Lilt*, which shows what a script plays.

\\{lilt-board-mode-map}"
  (setq-local revert-buffer-function (lambda (&rest _) (lilt--refresh-board)))
  (setq-local truncate-lines t)
  (buffer-disable-undo))

(defun lilt-show ()
  "Show what each slot of this script plays, in the buffer *Lilt*."
  (interactive)
  (let ((script (lilt--script-buffer)))
    (with-current-buffer (get-buffer-create "*Lilt*")
      (unless (derived-mode-p 'lilt-board-mode)
        (lilt-board-mode))
      (setq lilt--script script))
    (lilt--refresh-board)
    (display-buffer "*Lilt*" '((display-buffer-reuse-window display-buffer-at-bottom) (window-height . 0.35)))))

(defun lilt--refresh-board ()
  "Write into the buffer *Lilt*, if there is one, what plays now."
  (when-let* ((board (get-buffer "*Lilt*"))
              (script (buffer-local-value 'lilt--script board))
              ((buffer-live-p script)))
    (let* ((status (lilt-status script))
           (server (with-current-buffer script (and (eglot-managed-p) (eglot-current-server))))
           (said (and (cl-typep server 'lilt-server) (lilt-server-said server)))
           (text (lilt-status-board status (buffer-local-value 'lilt--surprises script) said)))
      (with-current-buffer board
        (setq header-line-format (lilt-status-header (buffer-name script) status))
        (lilt--replace text)
        (force-mode-line-update)))))

(defun lilt--replace (text)
  "Make TEXT the text of this buffer; the cursors stay on their lines."
  (unless (equal-including-properties text (buffer-string))
    (let ((places (mapcar (lambda (window)
                            (list window (lilt--place (window-point window)) (lilt--place (window-start window))))
                          (get-buffer-window-list nil nil t)))
          (here (lilt--place (point)))
          (inhibit-read-only t))
      (erase-buffer)
      (insert text)
      (pcase-dolist (`(,window ,point ,start) places)
        (set-window-start window (lilt--position start) t)
        (set-window-point window (lilt--position point)))
      (goto-char (lilt--position here)))))

(defun lilt--place (position)
  "The line and the column of POSITION."
  (save-excursion
    (goto-char position)
    (cons (line-number-at-pos) (current-column))))

(defun lilt--position (place)
  "The position in this buffer that is nearest to PLACE, a line and a column."
  (save-excursion
    (goto-char (point-min))
    (forward-line (1- (car place)))
    (move-to-column (cdr place))
    (point)))

(defun lilt-visit-slot (&optional event)
  "Go to the line of the script that fills the slot on this line.
EVENT is the click that chose it."
  (interactive (list last-nonmenu-event))
  (when (mouse-event-p event)
    (mouse-set-point event))
  (let ((line (save-excursion
                (forward-line 0)
                (get-text-property (min (1+ (point)) (point-max)) 'lilt-line)))
        (script (lilt--script-buffer)))
    (unless line
      (user-error "No slot stands on this line"))
    (pop-to-buffer script)
    (widen)
    (goto-char (point-min))
    (forward-line (1- line))))

;;;; Commands

(defun lilt--program-p ()
  "Whether the program of `lilt-command' is there."
  (executable-find (car lilt-command)))

(defun lilt--no-program ()
  "What to say when the program of `lilt-command' is not there."
  (format "Lilt's program %s is not on PATH: set `lilt-command' to where it lies" (car lilt-command)))

;;;###autoload
(defun lilt ()
  "Play this script."
  (interactive)
  (unless buffer-file-name
    (user-error "Lilt plays files: save this buffer first"))
  (unless (lilt--program-p)
    (user-error "%s" (lilt--no-program)))
  (unless (derived-mode-p 'lilt-mode)
    (lilt-mode))
  (if (eglot-managed-p)
      (message "This script is played")
    (call-interactively #'eglot)))

(defun lilt--script-buffer ()
  "The script that a command is about: this one, or that of the buffer *Lilt*."
  (let ((script (if (derived-mode-p 'lilt-board-mode) lilt--script (current-buffer))))
    (unless (buffer-live-p script)
      (user-error "The script of this buffer is closed"))
    script))

(defun lilt--tell (method &optional deferred)
  "Send METHOD for this script.
With DEFERRED it waits for what was typed to be sent."
  (with-current-buffer (lilt--script-buffer)
    (unless (and (eglot-managed-p) lilt--status)
      (user-error "Lilt does not play this script; M-x lilt starts it"))
    ;; Nothing waits for the answer: a request that does would, before Emacs 30, lose sight of what comes with it.
    ;; The server knows the script by the name that its status gives.
    (jsonrpc-async-request (eglot-current-server) method (list :uri (plist-get lilt--status :uri))
                           :deferred deferred
                           :success-fn #'ignore
                           :error-fn (jsonrpc-lambda (&key message &allow-other-keys)
                                       (message "Lilt: %s" message)))))

(defun lilt-commit ()
  "Take over the last change at the next boundary, without waiting for a pause."
  (interactive)
  (lilt--tell :lilt/commit :lilt/commit))

(defun lilt-hush ()
  "Let everything fade out."
  (interactive)
  (lilt--tell :lilt/hush))

(defun lilt-panic ()
  "Cut every sound at once."
  (interactive)
  (lilt--tell :lilt/panic))

(defun lilt-clear-state ()
  "Forget everything in the script's table `state'."
  (interactive)
  (lilt--tell :lilt/clearState))

(defun lilt-like ()
  "Say that you like what a model played a moment ago."
  (interactive)
  (lilt--tell :lilt/like))

(defun lilt-nope ()
  "Say that you do not like what a model played a moment ago."
  (interactive)
  (lilt--tell :lilt/nope))

(defun lilt-undo-taste ()
  "Take back the last like or nope."
  (interactive)
  (lilt--tell :lilt/undoTaste))

(defun lilt-forget-taste ()
  "Take back all likes and nopes."
  (interactive)
  (lilt--tell :lilt/forgetTaste))

(defun lilt-record ()
  "Record the sound into a new file beside the script."
  (interactive)
  (lilt--tell :lilt/record))

(defun lilt-stop-recording ()
  "End the recording."
  (interactive)
  (lilt--tell :lilt/stopRecording))

(defun lilt-stop ()
  "End the host that plays this script, until the script is saved."
  (interactive)
  (lilt--tell :lilt/stop))

(provide 'lilt)
;;; lilt.el ends here
