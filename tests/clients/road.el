;;; road.el --- The road of an action in a real Emacs  -*- lexical-binding: t; -*-

;; Called as  emacs --batch -l road.el  with ROAD_CONFIG (the text of the page) and ROAD_PROJECT in the environment.

(require 'package)
(package-initialize)
(require 'cl-lib)
(load (getenv "ROAD_CONFIG") nil t t)

(defvar road-project (file-name-as-directory (getenv "ROAD_PROJECT")))
(defvar road-told nil "What Emacs told its user, newest first.")
(defvar road-asked nil "Questions with yes and no, newest first.")

(setq project-find-functions (list (lambda (_) (cons 'transient road-project)))
      make-backup-files nil
      create-lockfiles nil
      eglot-sync-connect 60)
(advice-add 'message :before
            (lambda (format &rest arguments)
              (when format (push (apply #'format-message format arguments) road-told))))
(advice-add 'y-or-n-p :override (lambda (prompt) (push prompt road-asked) t))

(defun road-check (what is-so)
  (unless is-so
    (error "%s; told: %S; the buffer: %s" what (cl-subseq road-told 0 (min 12 (length road-told))) (buffer-string))))

(defun road-wait (what holds)
  (let ((deadline (+ (float-time) 120)))
    (while (not (funcall holds))
      (road-check (concat "waited in vain for " what) (< (float-time) deadline))
      (accept-process-output nil 0.05))))

(defun road-open (name)
  (switch-to-buffer (find-file-noselect (concat road-project name)))
  (buffer-enable-undo)
  (unless (eglot-current-server)
    (apply #'eglot (eglot--guess-contact)))
  (road-wait "Eglot to manage the buffer" #'eglot-managed-p)
  (goto-char (point-min)))

(defun road-has (words)
  (save-excursion (goto-char (point-min)) (search-forward words nil t)))

(defun road-titles ()
  (mapcar (lambda (action) (plist-get action :title)) (eglot-code-actions (point) (point))))

(defun road-choose (start)
  ;; Without this Eglot would open a menu for the mouse.
  (setq last-nonmenu-event t)
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_ items &rest _)
               (or (car (cl-find-if (lambda (item) (string-prefix-p start (car item))) items))
                   (error "no entry starts with %s: %S" start (mapcar #'car items))))))
    (call-interactively #'tierwise)))

(defun road-done ()
  (road-wait "the action to end" (lambda () (null tierwise--tokens))))

(defun road-undone (before what)
  (setq last-command nil)
  (undo-boundary)
  (undo)
  (road-check (concat "undo restores the text after " what) (equal before (buffer-string))))

;; Titles with tier and price, and an edit with progress that one undo takes back.
(road-open "unitkit/dates.py")
(search-forward "def quarter_of")
(let ((before (buffer-string))
      (titles (road-titles)))
  (road-check (format "titles: %S" titles)
              (cl-some
               (lambda (title)
                 (string-match-p "^Document quarter_of · bulk: medium (scripted) · ≈ [0-9.–]+ ¢$" title))
               titles))
  (undo-boundary)
  (road-choose "Document quarter_of")
  (road-done)
  (road-check "the docstring is there" (road-has "The year and quarter, 1 to 4"))
  (road-check "progress was told"
              (cl-some (lambda (words) (string-match-p "^Tierwise: asking medium" words)) road-told))
  (road-check "the cost was told" (cl-some (lambda (words) (string-match-p "^Tierwise: .* ¢$" words)) road-told))
  (road-undone before "document")
  (tierwise-why)
  (road-check "the reason is told" (string-match-p "standard work starts on the bulk tier" (car road-told))))

;; A new file becomes a buffer, which the user saves.
(goto-char (point-min))
(search-forward "def parse_date")
(road-choose "Write tests for parse_date")
(road-done)
(road-wait "the new buffer" (lambda () (get-file-buffer (concat road-project "tests/test_dates.py"))))
(road-check "the tests are there" (with-current-buffer "test_dates.py" (road-has "def test_parse_date")))
(save-some-buffers t)

;; The project's own formatter.
(road-open "unitkit/sizes.py")
(road-wait "the formatter to be known"
           (lambda () (cl-some (lambda (title) (string-match-p "native: ruff" title)) (road-titles))))
(road-choose "Format sizes.py")
(road-done)
(save-buffer)

;; A free instruction while the user types elsewhere.
(road-open "unitkit/durations.py")
(search-forward "def format_duration")
(tierwise-do "take the number of units as a parameter")
(save-excursion (goto-char (point-max)) (insert "# mine\n"))
(road-done)
(road-check "the instruction was carried out" (road-has "n_units: int = 2"))
(road-check "what was typed is there" (road-has "# mine\n"))
(save-buffer)

;; Cancel leaves the text.
(road-open "unitkit/temperatures.py")
(search-forward "def convert_temperature")
(let ((before (buffer-string)))
  (setq road-told nil)
  (road-choose "Refactor convert_temperature")
  (road-wait "the call" (lambda () (cl-some (lambda (words) (string-match-p "tokens so far" words)) road-told)))
  (tierwise-cancel)
  (road-done)
  (road-check "cancel leaves the text" (and (equal before (buffer-string)) (not (buffer-modified-p)))))

;; Several files.
(road-open "unitkit/report.py")
(road-open "unitkit/summary.py")
(search-forward "def spread")
(tierwise-across "make the result a named tuple")
(road-done)
(road-check "the first file is changed" (road-has "class Spread(NamedTuple)"))
(road-check "the second file is changed" (with-current-buffer "report.py" (road-has "found.smallest")))
(save-some-buffers t)
(road-check "Eglot asked before edits" road-asked)
(eglot-shutdown (eglot-current-server) nil 30)
