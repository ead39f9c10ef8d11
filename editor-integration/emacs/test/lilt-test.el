;;; lilt-test.el --- Checks of lilt.el, alone and with a server -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Run with
;;   LILT="lilt lsp" emacs --batch -l lilt-test.el -f ert-run-tests-batch-and-exit
;; LILT may be `scripted_host lsp', the example of runtime/editor, which needs no sound; what only a host with models
;; can show is left out then, and ERT says so.

;;; Code:

(require 'bytecomp)
(require 'checkdoc)
(require 'ert)

(defconst lilt-test--folder
  (expand-file-name ".." (file-name-directory (or load-file-name buffer-file-name)))
  "Where lilt.el lies.")

;; Before Emacs 29, Eglot is a package.
(unless (locate-library "eglot")
  (package-initialize))
(add-to-list 'load-path lilt-test--folder)
(require 'lilt)

(setq lilt-command (split-string (or (getenv "LILT") "lilt lsp")))

;;;; Words

(defun lilt-test--parse (json)
  "JSON as jsonrpc.el reads it."
  (json-parse-string json :object-type 'plist :null-object nil :false-object :json-false))

(defconst lilt-test--status
  (lilt-test--parse "{
    \"attached\": true, \"playing\": true, \"bar\": 9, \"beatInBar\": 2.5, \"tempo\": 112.0, \"meter\": \"4/4\",
    \"generation\": 7, \"lastError\": {\"line\": 3, \"message\": \"unknown name\", \"help\": \"say another\"},
    \"baking\": [{\"model\": \"folk\", \"progress\": 0.5}], \"audio\": \"none\", \"midi\": [\"Synth A\"],
    \"slots\": [
      {\"name\": \"lead\", \"line\": 4, \"rung\": \"stale\", \"playing\": \"folk · pluck\", \"ess\": 0.42,
       \"logZ\": -1.25, \"surprise\": 2.5, \"silent\": false, \"level\": 0.5},
      {\"name\": \"100% drums\", \"line\": null, \"rung\": null, \"playing\": \"bd*2\", \"ess\": null,
       \"logZ\": null, \"surprise\": null, \"silent\": true, \"level\": 0.0}
    ]}")
  "A status that says everything that one can say.")

(defun lilt-test--surprised (nats)
  "A status whose only slot was surprised by NATS."
  (list :slots (vector (list :name "lead" :rung "fresh" :playing "folk" :surprise nats))))

(ert-deftest lilt-test-marks ()
  (should (equal (lilt-status-marks lilt-test--status 10)
                 '((4 "  ▸ stale · folk · pluck · ESS 42% · ln Z -1.2"))))
  (should-not (lilt-status-marks lilt-test--status 3))
  (should-not (lilt-status-marks '(:attached :json-false) 10)))

(ert-deftest lilt-test-row-of-surprises ()
  "The row grows with each new note and forgets the oldest."
  (let (rows)
    (pcase-dolist (`(,nats ,text) '((0 "fresh · ▁ · folk") (0 "fresh · ▁ · folk") (1 "fresh · ▁▂ · folk")
                                    (2.5 "fresh · ▁▂▄ · folk") (5.5 "fresh · ▁▂▄▆ · folk")
                                    (30 "fresh · ▁▂▄▆█ · folk") (nil "fresh · folk")))
      (let ((status (lilt-test--surprised nats)))
        (setq rows (lilt-status-follow-surprises rows status))
        (should (equal (lilt-status-slot-text (aref (plist-get status :slots) 0) rows) text))))
    (dotimes (nats 20)
      (setq rows (lilt-status-follow-surprises rows (lilt-test--surprised nats))))
    (should (equal rows '(("lead" 19 "████████"))))
    (should-not (lilt-status-follow-surprises rows '(:attached :json-false)))))

(ert-deftest lilt-test-cost ()
  "A costly function is told from a tenth of the time on."
  (pcase-dolist (`(,share ,text) '((0.31 "pad · gain takes 4.0 ms a call, 31% of its time") (0.09 "pad") (nil "pad")))
    (let ((cost (list :what "gain" :line 6 :millisecondsPerCall 4.0 :share share :over :json-false)))
      (should (equal (lilt-status-slot-text (list :playing "pad" :cost cost) nil) text)))))

(ert-deftest lilt-test-slot-face ()
  (pcase-dolist (`(,rung ,silent ,face)
                 '(("fresh" :json-false lilt-fresh) ("draft" :json-false lilt-draft) ("stale" :json-false lilt-late)
                   ("loop" :json-false lilt-late) ("rest" :json-false lilt-quiet) ("stale" t lilt-quiet)
                   (nil :json-false lilt-fresh)))
    (should (eq (lilt-status-slot-face (list :rung rung :silent silent)) face))))

(ert-deftest lilt-test-mode-line ()
  (should (equal (lilt-status-mode-line lilt-test--status)
                 " ▶ 9.2  112 bpm  gen 7  lead stale  baking folk 50%  ✗ line 3"))
  (should (equal (lilt-status-mode-line '(:attached :json-false)) " no host")))

(ert-deftest lilt-test-board ()
  (should (equal (lilt-status-header "100%.lua" lilt-test--status)
                 " 100%%.lua  ▶ 9.2  4/4  112 bpm  generation 7"))
  (should (equal (lilt-status-header "song.lua" '(:attached :json-false)) " song.lua  no host plays it"))
  (let ((text (lilt-status-board lilt-test--status (lilt-status-follow-surprises nil lilt-test--status)
                                 '("hello" "there"))))
    (should (equal (substring-no-properties text) "\
 slot        rung   ESS  ln Z   surprise  level   plays
 lead        stale  42%  -1.25  ▄         ███░░░  folk · pluck
 100% drums                               silent  bd*2

 baking folk  ████████████░░░░░░░░░░░░  50%

 ✗ line 3: unknown name
   help: say another

said, newest first
  hello
  there

 sound: none   MIDI: Synth A
"))
    (should (equal (get-text-property (1+ (string-match " lead" text)) 'lilt-line text) 4)))
  (should (equal (lilt-status-board '(:attached :json-false) nil nil) "nothing plays\n"))
  (should (equal (lilt-status-board nil nil nil) "nothing plays\n")))

(ert-deftest lilt-test-protocol-example ()
  "The status in PROTOCOL.md reads as it should."
  (with-temp-buffer
    (insert-file-contents (expand-file-name "../PROTOCOL.md" lilt-test--folder))
    (search-forward "### `lilt/status`")
    (re-search-forward "```json\n\\(\\(?:.*\n\\)*?\\)```")
    (let ((status (lilt-test--parse (match-string 1))))
      (should (equal (lilt-status-mode-line status) " ▶ 9.2  112 bpm  gen 7  baking folk 40%  recording"))
      (should (equal (lilt-status-mode-line (plist-put (copy-sequence status) :recording "/home/ada/song-live.wav"))
                     " ▶ 9.2  112 bpm  gen 7  baking folk 40%  recording"))
      (should (equal (lilt-status-marks status 9)
                     '((4 "  ▸ fresh · folk take 3f2a · pluck · ESS 50% · ln Z -1.2")))))))

;;;; Buffers

(defmacro lilt-test--with-script (text &rest body)
  "Run BODY in the buffer of a new file song.lua that holds TEXT."
  (declare (indent 1) (debug t))
  `(let* ((folder (make-temp-file "lilt-" t))
          (file (expand-file-name "song.lua" folder)))
     (unwind-protect
         (progn
           (write-region ,text nil file nil 'quiet)
           (with-current-buffer (find-file-noselect file)
             (unwind-protect (progn ,@body)
               (when (eglot-managed-p)
                 ;; A host plays on without editors.
                 (when (lilt-status-attached-p (lilt-status))
                   (lilt-stop))
                 (eglot-shutdown (eglot-current-server)))
               (set-buffer-modified-p nil)
               (kill-buffer)
               (when (get-buffer "*Lilt*")
                 (kill-buffer "*Lilt*")))))
       (delete-directory folder t))))

(defun lilt-test--marks ()
  "The lines that have a mark behind them, each with its text."
  (sort (mapcar (lambda (overlay)
                  (should (= (overlay-end overlay)
                             (save-excursion (goto-char (overlay-start overlay)) (line-end-position))))
                  (cons (line-number-at-pos (overlay-start overlay))
                        (substring-no-properties (overlay-get overlay 'after-string))))
                (seq-filter (lambda (overlay) (overlay-get overlay 'lilt)) (overlays-in (point-min) (point-max))))
        (lambda (one other) (< (car one) (car other)))))

(ert-deftest lilt-test-marked-scripts ()
  "Only a Lua file whose first line says so is a script."
  (let ((lilt-play-marked nil))
    (pcase-dolist (`(,text ,marked) '(("-- lilt\nplay()" t) ("--- Lilt: a tune" t) ("-- lilting" nil) ("play()" nil)
                                      ("" nil)))
      (lilt-test--with-script text
        (should (eq (derived-mode-p 'lilt-mode) (and marked 'lilt-mode)))))))

(ert-deftest lilt-test-marks-keep-to-their-lines ()
  (let ((lilt-play-marked nil)
        (mark "  ▸ stale · ▄ · folk · pluck · ESS 42% · ln Z -1.2"))
    (lilt-test--with-script "-- lilt\n\n\nplay(\"lead\", tune)\n"
      (lilt--take-in lilt-test--status)
      (should (equal (lilt-test--marks) `((4 . ,mark))))
      (goto-char (point-min))
      (forward-line 3)
      (insert "  ")
      (end-of-line)
      (insert ":gain(0.5)")
      (should (equal (lilt-test--marks) `((4 . ,mark))))
      (insert "\nplay(\"bass\", \"c2\")")
      (should (equal (lilt-test--marks) `((4 . ,mark))))
      (goto-char (point-min))
      (insert "-- lilt\n")
      (should (equal (lilt-test--marks) `((5 . ,mark))))
      (let ((lilt-show-slots nil))
        (lilt--take-in lilt-test--status))
      (should-not (lilt-test--marks)))))

(ert-deftest lilt-test-board-stays-where-it-was ()
  "The cursor stays on its line when the buffer *Lilt* changes, and finds the slot's line."
  (let ((lilt-play-marked nil))
    (lilt-test--with-script "-- lilt\n\n\nplay(\"lead\", tune)\n"
      (let ((script (current-buffer)))
        (lilt--take-in lilt-test--status)
        (save-window-excursion
          (lilt-show)
          (with-current-buffer "*Lilt*"
            (should (derived-mode-p 'special-mode))
            (goto-char (point-min))
            (forward-line 1)
            (with-current-buffer script
              (lilt--take-in (plist-put (copy-sequence lilt-test--status) :baking [])))
            (should (= (line-number-at-pos) 2))
            (should-not (string-match-p "baking" (buffer-string)))
            (lilt-visit-slot)
            (should (eq (window-buffer) script)))
          (should (= (line-number-at-pos) 4)))))))

(ert-deftest lilt-test-commands-without-a-server ()
  (let ((lilt-play-marked nil)
        (lilt-command '("no-such-lilt" "lsp")))
    (lilt-test--with-script "-- lilt\n"
      (should (equal (should-error (lilt-hush) :type 'user-error)
                     '(user-error "Lilt does not play this script; M-x lilt starts it")))
      (should (equal (should-error (lilt) :type 'user-error)
                     '(user-error "Lilt's program no-such-lilt is not on PATH: set `lilt-command' to where it lies")))))
  (with-temp-buffer
    (should (equal (should-error (lilt) :type 'user-error)
                   '(user-error "Lilt plays files: save this buffer first")))))

;;;; With a server

(defmacro lilt-test--see (what &rest condition)
  "Wait until CONDITION holds and say WHAT was seen."
  (declare (indent 1) (debug t))
  `(let ((deadline (+ (float-time) 60)))
     (while (not (progn ,@condition))
       (unless (< (float-time) deadline)
         (ert-fail (list "not seen" ,what mode-line-process (lilt-test--marks))))
       (accept-process-output nil 0.02))
     (message "  seen    %s" ,what)))

(defun lilt-test--type (text)
  "Type TEXT at the end of the script."
  (goto-char (point-max))
  (insert text)
  (lilt-test--idle))

(defun lilt-test--idle ()
  "Do what Eglot does when Emacs is idle, which it never is in batch mode."
  (eglot--signal-textDocument/didChange))

(defun lilt-test--mark (line)
  "The text behind LINE, or an empty one."
  (alist-get line (lilt-test--marks) ""))

(defun lilt-test--board ()
  "The text of the buffer *Lilt*."
  (with-current-buffer "*Lilt*" (buffer-string)))

(defun lilt-test--mistakes ()
  "The lines of the mistakes that Flymake marks, each with its text."
  (flymake-start)
  (mapcar (lambda (mistake)
            (cons (line-number-at-pos (flymake-diagnostic-beg mistake)) (flymake-diagnostic-text mistake)))
          (flymake-diagnostics)))

(ert-deftest lilt-test-conversation ()
  (skip-unless (lilt--program-p))
  (let (heard)
    (lilt-test--with-script "-- lilt\nplay(\"lead\", \"c4 e4\"):on(synth \"pluck\")\n"
      ;; As after the command that opened the file.
      (run-hooks 'post-command-hook)
      (add-hook 'lilt-status-functions (lambda (status) (setq heard status)) nil t)
      (lilt-test--see "a marked file is played by itself" (lilt-status-attached-p (lilt-status)))
      (lilt-test--see "the mode line shows the generation" (string-match-p "gen [1-9]" mode-line-process))
      (lilt-test--see "the slot is marked behind its line" (string-match-p "▸ " (lilt-test--mark 2)))
      (lilt-test--see "a hook hears of each status" (lilt-status-attached-p heard))
      (lilt-show)
      (lilt-test--see "the buffer *Lilt* shows the slot" (string-match-p "^ lead " (lilt-test--board)))
      (lilt-test--type "print(\"good evening\")")
      (lilt-test--see "and what the script printed" (string-match-p "^  good evening$" (lilt-test--board)))
      (lilt-test--type "\npaly(\"bass\", \"c2\"):on(synth \"bass\")")
      (lilt-test--see "a mistake is marked with its line"
        (pcase (lilt-test--mistakes) (`((4 . ,text) . ,_) (string-match-p "paly" text))))
      (lilt-test--see "the mode line tells of it" (string-match-p "✗ line 4" mode-line-process))
      (lilt-test--see "and the buffer *Lilt*" (string-match-p "✗ line 4: .*paly" (lilt-test--board)))
      (should (eq (plist-get (lilt-status) :playing) t))
      (search-backward "paly")
      (replace-match "play")
      (lilt-test--idle)
      (lilt-test--see "the corrected line has no mark of a mistake" (null (lilt-test--mistakes)))
      (with-current-buffer "*Lilt*" (lilt-commit))
      (lilt-test--see "the new slot is marked behind its line" (string-match-p "▸ " (lilt-test--mark 4)))
      (lilt-test--type "\nplay(\"saved\", \"e3\"):on(synth \"bass\")")
      (let ((save-silently t))
        (save-buffer))
      (lilt-test--see "what was saved is marked too" (string-match-p "▸ " (lilt-test--mark 5)))
      (should (equal (with-temp-buffer (insert-file-contents file) (buffer-string)) (buffer-string)))
      (lilt-hush)
      (lilt-test--see "hush silences"
        (or (not (eq (plist-get (lilt-status) :playing) t))
            (seq-some (lambda (slot) (eq (plist-get slot :silent) t)) (plist-get (lilt-status) :slots))))
      (lilt-panic)
      (lilt-stop)
      (lilt-test--see "stop ends the host" (not (lilt-status-attached-p (lilt-status))))
      (lilt-test--see "the marks are gone" (null (lilt-test--marks)))
      (let (said)
        (cl-letf (((symbol-function 'message) (lambda (form &rest words) (setq said (apply #'format form words)))))
          (lilt-hush)
          (while (not said) (accept-process-output nil 0.02)))
        (should (equal said "Lilt: no host plays this script")))
      (eglot-shutdown (eglot-current-server))
      (lilt-test--see "nothing is known when the server has left" (null (lilt-status))))))

(ert-deftest lilt-test-models ()
  "What only a host with models shows: tilts, surprises, bakes."
  (skip-unless (and (lilt--program-p) (equal (file-name-base (car lilt-command)) "lilt")))
  (lilt-test--with-script "-- lilt
local folk = model \"folk\"
local function leaps(clip) return -clip:leaps() end
play(\"lead\", folk:tilt(leaps, { strength = 1 }):sample { bars = 2 }):on(synth \"pluck\")
play(\"told\", folk:surprised(clip { 62, 64, 65, 69 })):on(synth \"pluck\")
"
    (let ((lilt-play-marked nil))
      (lilt))
    (lilt-show)
    (lilt-test--see "a tilt tells its effective sample size and log of Z"
      (string-match-p "fresh · folk · pluck · ESS [0-9]+% · ln Z -?[0-9.]+\\'" (lilt-test--mark 4)))
    (lilt-test--see "and in the buffer *Lilt*"
      (string-match-p "^ lead +fresh +[0-9]+% +-?[0-9]+\\.[0-9][0-9] " (lilt-test--board)))
    (lilt-test--see "notes tell how they surprised" (string-match-p "[▁-█]\\{3\\}" (lilt-test--mark 5)))
    (goto-char (point-max))
    (search-backward "tilt")
    (replace-match "bake")
    (lilt-test--idle)
    (lilt-test--see "a bake tells how far it is" (string-match-p "baking folk [0-9]+%" mode-line-process))
    (lilt-test--see "and in the buffer *Lilt*" (string-match-p "^ baking folk  [█░]+  [0-9]+%$" (lilt-test--board)))
    (lilt-stop)
    (lilt-test--see "stop ends the host" (not (lilt-status-attached-p (lilt-status))))))

;;;; The text of the package

(ert-deftest lilt-test-compiles-without-a-warning ()
  (let ((byte-compile-error-on-warn t)
        (byte-compile-dest-file-function (lambda (_) (make-temp-file "lilt-" nil ".elc"))))
    (dolist (file '("lilt-status.el" "lilt.el"))
      (should (byte-compile-file (expand-file-name file lilt-test--folder))))))

(ert-deftest lilt-test-documents-everything ()
  (dolist (file '("lilt-status.el" "lilt.el"))
    (let (found)
      (cl-letf (((symbol-function 'display-warning) (lambda (_ text &rest _) (push text found))))
        (checkdoc-file (expand-file-name file lilt-test--folder)))
      (should-not found))))

(provide 'lilt-test)
;;; lilt-test.el ends here
