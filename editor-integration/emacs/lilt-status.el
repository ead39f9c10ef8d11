;;; lilt-status.el --- What Lilt's status says, in words -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; How a `lilt/status' reads: the words behind a slot's line, those of the mode line, and the text of the buffer
;; `*Lilt*'.  A status is the property list that jsonrpc.el makes of what PROTOCOL.md describes: null is nil,
;; false is `:json-false', a list is a vector.  Nothing here knows a buffer or a server.

;;; Code:

(require 'cl-lib)
(require 'subr-x)

(defgroup lilt nil
  "Play Lilt scripts while you type them."
  :group 'languages
  :prefix "lilt-")

(defface lilt-fresh '((t :inherit font-lock-string-face))
  "A slot that plays what the text asks for.")

(defface lilt-draft '((t :inherit lilt-fresh :slant italic))
  "A slot that plays a first draft of what the text asks for.")

(defface lilt-late '((t :inherit warning))
  "A slot that plays something older, because its take is late: stale or loop.")

(defface lilt-quiet '((t :inherit shadow))
  "A slot that is silent or rests.")

(defface lilt-baking '((t :inherit font-lock-keyword-face))
  "A model that learns a tilt.")

(defface lilt-heading '((t :inherit bold))
  "The names of the columns in the buffer *Lilt*.")

(defconst lilt-status--blocks "▁▂▃▄▅▆▇█"
  "From what a model expected to what it did not.
A note of 1 nat is the second, one of 9 nats the last.")

(defconst lilt-status--notes 8
  "How many of a slot's newest notes the row of surprises shows.")

(defun lilt-status-attached-p (status)
  "Whether a host plays the script of STATUS."
  (eq (plist-get status :attached) t))

(defun lilt-status--slots (status)
  "The slots of STATUS as a list."
  (append (plist-get status :slots) nil))

(defun lilt-status--silent-p (slot)
  "Whether SLOT is muted, fading out or resting by itself."
  (eq (plist-get slot :silent) t))

(defun lilt-status--word (text)
  "TEXT, or nil when it is not there or empty."
  (and (stringp text) (not (string-empty-p text)) text))

(defun lilt-status--place (status)
  "The bar and the beat of STATUS, such as \"▶ 9.2\"."
  (format "%s %d.%d"
          (if (eq (plist-get status :playing) t) "▶" "■")
          (plist-get status :bar)
          (floor (plist-get status :beatInBar))))

(defun lilt-status--tempo (status)
  "The tempo of STATUS, such as \"112 bpm\"."
  (format "%s bpm" (string-remove-suffix ".0" (number-to-string (/ (round (* 100 (plist-get status :tempo))) 100.0)))))

(defun lilt-status--percent (share)
  "SHARE of 1 in percent."
  (format "%d%%" (floor (+ 0.5 (* 100 share)))))

;;;; Surprises

(defun lilt-status-follow-surprises (rows status)
  "What is known of the surprises of the slots after one more STATUS.
ROWS is what was known before: for each slot's name a list of the newest
surprise in nats and a text with a block for each of the last notes.
Notes that follow each other faster than the status comes are left out."
  (cl-loop for slot in (lilt-status--slots status)
           for nats = (plist-get slot :surprise)
           for (name . (newest shown)) = (or (assoc (plist-get slot :name) rows) (list (plist-get slot :name) nil ""))
           when (numberp nats)
           collect (if (eql nats newest)
                       (list name newest shown)
                     (list name nats (lilt-status--add-block shown nats)))))

(defun lilt-status--add-block (shown nats)
  "The row of blocks SHOWN after a note that surprised by NATS."
  (let* ((count (length lilt-status--blocks))
         (height (min (1- count) (floor (* count (- 1 (exp (/ nats -4.0)))))))
         (row (concat shown (string (aref lilt-status--blocks height)))))
    (substring row (max 0 (- (length row) lilt-status--notes)))))

(defun lilt-status--surprise (slot surprises)
  "The row of blocks of SLOT in SURPRISES, or nil."
  (lilt-status--word (nth 2 (assoc (plist-get slot :name) surprises))))

;;;; A slot in words

(defun lilt-status-slot-face (slot)
  "The face for what SLOT plays."
  (let ((rung (plist-get slot :rung)))
    (cond ((or (lilt-status--silent-p slot) (equal rung "rest")) 'lilt-quiet)
          ((member rung '("stale" "loop")) 'lilt-late)
          ((equal rung "draft") 'lilt-draft)
          (t 'lilt-fresh))))

(defun lilt-status--cost (cost)
  "COST of a function in words, or nil where it is not worth showing."
  (let ((share (plist-get cost :share)))
    (and (numberp share)
         (>= share 0.1)
         (format "%s takes %.1f ms a call, %s of its time"
                 (plist-get cost :what)
                 (plist-get cost :millisecondsPerCall)
                 (lilt-status--percent share)))))

(defun lilt-status-slot-text (slot &optional surprises)
  "SLOT in words, with its row of blocks in SURPRISES.
They are its rung, how its newest notes surprised a model, what it plays,
the effective sample size and the log of Z of a tilted take, and what its
costliest function costs."
  (let ((ess (plist-get slot :ess))
        (log-z (plist-get slot :logZ)))
    (string-join
     (delq nil (list (lilt-status--word (plist-get slot :rung))
                     (lilt-status--surprise slot surprises)
                     (lilt-status--word (plist-get slot :playing))
                     (and (numberp ess) (concat "ESS " (lilt-status--percent ess)))
                     (and (numberp log-z) (format "ln Z %.1f" log-z))
                     (lilt-status--cost (plist-get slot :cost))
                     (and (lilt-status--silent-p slot) "silent")))
     " · ")))

(defun lilt-status-marks (status line-count &optional surprises)
  "What stands behind the lines of a script of LINE-COUNT lines.
A list for each slot of STATUS: its line, from 1, and its text with a
face.  SURPRISES is what `lilt-status-follow-surprises' gave."
  (cl-loop for slot in (lilt-status--slots status)
           for line = (plist-get slot :line)
           when (and (integerp line) (<= 1 line line-count))
           collect (list line
                         (propertize (concat "  ▸ " (lilt-status-slot-text slot surprises))
                                     'face (lilt-status-slot-face slot)))))

;;;; The mode line

(defun lilt-status-mode-line (status)
  "The words of STATUS for `mode-line-process'."
  (if (not (lilt-status-attached-p status))
      " no host"
    (let ((fallen (cl-loop for slot in (lilt-status--slots status)
                           for rung = (plist-get slot :rung)
                           when (and rung (not (equal rung "fresh")))
                           collect (format "%s %s" (plist-get slot :name) rung)))
          (baking (cl-loop for bake across (plist-get status :baking)
                           collect (format "baking %s %s"
                                           (plist-get bake :model)
                                           (lilt-status--percent (plist-get bake :progress)))))
          (mistake (plist-get status :lastError)))
      (concat " " (lilt-status--place status)
              (format "  %s  gen %d" (lilt-status--tempo status) (plist-get status :generation))
              (and fallen (concat "  " (string-join fallen ", ")))
              (and baking (concat "  " (string-join baking ", ")))
              (and (plist-get status :recording) "  recording")
              (and mistake (format "  ✗ line %d" (plist-get mistake :line)))))))

;;;; The buffer *Lilt*

(defun lilt-status-header (title status)
  "The header line for the script called TITLE with this STATUS."
  ;; A percent sign in a file's name means nothing to the header line.
  (string-replace
   "%" "%%"
   (if (not (lilt-status-attached-p status))
       (format " %s  no host plays it" title)
     (format " %s  %s  %s  %s  generation %d" title
             (lilt-status--place status) (plist-get status :meter) (lilt-status--tempo status)
             (plist-get status :generation)))))

(defun lilt-status--bar (share width)
  "A bar of WIDTH columns of which SHARE, 0 to 1, is full."
  (let ((full (round (* width (max 0 (min 1 share))))))
    (concat (make-string full ?█) (make-string (- width full) ?░))))

(defun lilt-status--row (slot surprises)
  "The columns of SLOT, with its row of blocks in SURPRISES."
  (let ((ess (plist-get slot :ess))
        (log-z (plist-get slot :logZ)))
    (list (plist-get slot :name)
          (or (plist-get slot :rung) "")
          (if (numberp ess) (lilt-status--percent ess) "")
          (if (numberp log-z) (format "%.2f" log-z) "")
          (or (lilt-status--surprise slot surprises) "")
          (if (lilt-status--silent-p slot) "silent" (lilt-status--bar (plist-get slot :level) 6))
          (or (plist-get slot :playing) ""))))

(defun lilt-status-board (status surprises said)
  "The text of the buffer *Lilt*.
STATUS says what plays and what is baked, SURPRISES is what
`lilt-status-follow-surprises' gave, SAID the lines that the script and
its host said last, newest first.  Each slot's name has the text property
`lilt-line': the line of the script that fills it."
  (string-join
   (delq nil (list (lilt-status--table status surprises)
                   (lilt-status--bakes status)
                   (lilt-status--mistake status)
                   (and said (concat (propertize "said, newest first" 'face 'lilt-heading) "\n"
                                     (mapconcat (lambda (line) (concat "  " line "\n")) said "")))
                   (lilt-status--devices status)))
   "\n"))

(defun lilt-status--table (status surprises)
  "The slots of STATUS as a table, with their rows in SURPRISES."
  (let* ((slots (lilt-status--slots status))
         (heading '("slot" "rung" "ESS" "ln Z" "surprise" "level" "plays"))
         (rows (mapcar (lambda (slot) (lilt-status--row slot surprises)) slots))
         (widths (apply #'cl-mapcar (lambda (&rest cells) (apply #'max (mapcar #'string-width cells)))
                        heading rows)))
    (if (null slots)
        "nothing plays\n"
      (concat
       (propertize (lilt-status--line heading widths) 'face 'lilt-heading) "\n"
       (cl-loop for slot in slots
                for (name . cells) in rows
                for named = (propertize name 'lilt-line (plist-get slot :line))
                concat (propertize (lilt-status--line (cons named cells) widths) 'face (lilt-status-slot-face slot))
                concat "\n")))))

(defun lilt-status--line (cells widths)
  "CELLS side by side, each as wide as WIDTHS say."
  (string-trim-right
   (concat " "
           (mapconcat (pcase-lambda (`(,cell . ,width))
                        (concat cell (make-string (- width (string-width cell)) ?\s)))
                      (cl-mapcar #'cons cells widths) "  "))))

(defun lilt-status--bakes (status)
  "What is being baked by STATUS, or nil."
  (let ((bakes (append (plist-get status :baking) nil)))
    (and bakes
         (mapconcat (lambda (bake)
                      (propertize (format " baking %s  %s  %s\n" (plist-get bake :model)
                                          (lilt-status--bar (plist-get bake :progress) 24)
                                          (lilt-status--percent (plist-get bake :progress)))
                                  'face 'lilt-baking))
                    bakes ""))))

(defun lilt-status--mistake (status)
  "Why the newest text does not play by STATUS, or nil."
  (when-let* ((mistake (plist-get status :lastError)))
    (let ((help (plist-get mistake :help)))
      (propertize (format " ✗ line %d: %s\n%s" (plist-get mistake :line) (plist-get mistake :message)
                          (if help (format "   help: %s\n" help) ""))
                  'face 'error))))

(defun lilt-status--devices (status)
  "The sound card and the MIDI ports of STATUS, or nil."
  (and (lilt-status-attached-p status)
       (let ((ports (append (plist-get status :midi) nil)))
         (propertize (format " sound: %s   MIDI: %s\n" (plist-get status :audio)
                             (if ports (string-join ports ", ") "none"))
                     'face 'lilt-quiet))))

(provide 'lilt-status)
;;; lilt-status.el ends here
