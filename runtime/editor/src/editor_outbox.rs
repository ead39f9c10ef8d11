//! What waits to be written to the editor: an editor that does not read holds up neither the server nor a host.

use lsp_server::{Message, Notification};
use lsp_types::notification::{self as notifications, Notification as _};
use serde_json::{Value, json};

use crate::replacing_queue::{ReplacingQueue, Taken, Waiting};
use crate::server::STATUS_METHOD;

/// How many notifications may wait.
const MOST_NOTIFICATIONS: usize = 512;
/// How many answers may wait before the server takes no more questions. None is left out.
const MOST_ANSWERS: usize = 1024;

/// The queue between the server and the thread that writes to the editor.
///
/// Of each script's statuses and of each file's marks the newest waits. What is logged or shown is left out, the
/// oldest first, when too much waits; how much that was is logged in its place.
#[derive(Debug, Default)]
pub struct EditorOutbox {
    queue: ReplacingQueue<Message>,
}

/// What there is one newest message of: the method and the address of the document.
fn subject(message: &Message) -> Option<(&str, &Value)> {
    let Message::Notification(Notification { method, params }) = message else { return None };
    let told = match method.as_str() {
        // That a host is gone is said however quickly the next one comes.
        STATUS_METHOD => params.get("attached") == Some(&Value::Bool(true)),
        notifications::PublishDiagnostics::METHOD => true,
        _ => false,
    };
    told.then(|| Some((method.as_str(), params.get("uri")?))).flatten()
}

fn is_answer(message: &Message) -> bool {
    !matches!(message, Message::Notification(_))
}

/// How many answers wait.
fn answers(waiting: &Waiting<Message>) -> usize {
    waiting.iter().filter(|message| is_answer(message)).count()
}

/// The place of what is left out, where too many notifications wait.
fn surplus(waiting: &Waiting<Message>) -> Option<usize> {
    if waiting.iter().len() - answers(waiting) <= MOST_NOTIFICATIONS {
        return None;
    }
    let said = |message: &Message| !is_answer(message) && subject(message).is_none();
    let oldest = waiting.iter().position(said);
    oldest.or_else(|| waiting.iter().position(|message| !is_answer(message)))
}

impl EditorOutbox {
    /// Takes a message; waits only where too many answers wait. False when the editor has left.
    pub fn post(&self, message: Message) -> bool {
        let waits = is_answer(&message);
        let is_room = |waiting: &Waiting<Message>| !waits || answers(waiting) < MOST_ANSWERS;
        self.queue.post_when(is_room, |waiting| {
            let about = subject(&message);
            let replaced = about.and_then(|about| waiting.iter().position(|old| subject(old) == Some(about)));
            waiting.put(message, replaced);
            if let Some(at) = surplus(waiting) {
                waiting.leave_out(at);
            }
        })
    }

    /// Waits for the next message; nothing once the outbox is closed and empty.
    pub fn next(&self) -> Option<Message> {
        match self.queue.next()? {
            Taken::Item(message) => Some(message),
            Taken::LeftOut(count) => {
                let message = format!("… {count} messages were left out: the editor did not read them");
                let params = json!({ "type": lsp_types::MessageType::WARNING, "message": message });
                let method = notifications::LogMessage::METHOD.to_string();
                Some(Message::Notification(Notification { method, params }))
            }
        }
    }

    /// No more messages are taken; those that wait are still given out.
    pub fn close(&self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use lsp_server::Response;

    use super::*;

    fn notification(method: &str, params: Value) -> Message {
        Message::Notification(Notification { method: method.to_string(), params })
    }

    fn status(uri: &str, attached: bool, beat: usize) -> Message {
        notification(STATUS_METHOD, json!({ "uri": uri, "attached": attached, "beat": beat }))
    }

    fn log(number: usize) -> Message {
        notification("window/logMessage", json!({ "type": 4, "message": number.to_string() }))
    }

    fn answer(number: i32) -> Message {
        Message::Response(Response::new_ok(number.into(), Value::Null))
    }

    fn rest(outbox: &EditorOutbox) -> Vec<Value> {
        outbox.close();
        std::iter::from_fn(|| outbox.next()).map(|message| json!(message)).collect()
    }

    #[test]
    fn of_what_plays_and_of_marks_the_newest_waits() {
        let outbox = EditorOutbox::default();
        let marks = |version| {
            notification("textDocument/publishDiagnostics", json!({ "uri": "file:///a", "version": version }))
        };
        for beat in 0..1000 {
            assert!(outbox.post(status("file:///a", true, beat)));
            assert!(outbox.post(status("file:///b", true, beat)));
            assert!(outbox.post(marks(beat)));
        }
        assert!(outbox.post(status("file:///a", false, 0)));
        assert!(outbox.post(status("file:///a", true, 1)));
        assert!(outbox.post(answer(1)));
        let expected = [
            status("file:///b", true, 999),
            marks(999),
            status("file:///a", false, 0),
            status("file:///a", true, 1),
            answer(1),
        ];
        assert_eq!(rest(&outbox), expected.map(|message| json!(message)));
        assert!(!outbox.post(answer(2)));
    }

    #[test]
    fn what_is_said_too_often_is_left_out_and_answers_never_are() {
        let outbox = EditorOutbox::default();
        assert!(outbox.post(answer(1)));
        for number in 0..100_000 {
            assert!(outbox.post(log(number)));
        }
        assert!(outbox.post(answer(2)));
        let rest = rest(&outbox);
        let told = rest[0]["params"]["message"].as_str();
        assert_eq!(told, Some("… 99488 messages were left out: the editor did not read them"));
        assert_eq!(rest.len(), 1 + 2 + MOST_NOTIFICATIONS);
        assert_eq!(rest[1], json!(answer(1)));
        assert_eq!(rest.last(), Some(&json!(answer(2))));
        assert_eq!(rest[2], json!(log(100_000 - MOST_NOTIFICATIONS)));
    }
}
