//! What the editor says in the messages that Lilt understands, with addresses as the editor writes them.
//!
//! The types of `lsp_types` refuse an address that is no well-formed URI; editors send such addresses.

use lsp_types::{Position, TextDocumentContentChangeEvent};
use serde::{Deserialize, Serialize};

use crate::address::Address;

/// A document, by its address.
#[derive(Debug, Deserialize)]
pub struct DocumentName {
    /// Its address.
    pub uri: Address,
}

/// A document's text, with its number.
#[derive(Debug, Deserialize)]
pub struct NumberedDocument {
    /// Its address.
    pub uri: Address,
    /// The editor's number for the text.
    pub version: i32,
}

/// `textDocument/didOpen`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidOpen {
    /// What was opened.
    pub text_document: OpenedDocument,
}

/// A document that was opened.
#[derive(Debug, Deserialize)]
pub struct OpenedDocument {
    /// Its address.
    pub uri: Address,
    /// The editor's number for the text.
    pub version: i32,
    /// The whole text.
    pub text: String,
}

/// `textDocument/didChange`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidChange {
    /// What was changed.
    pub text_document: NumberedDocument,
    /// How, one after the other.
    pub content_changes: Vec<TextDocumentContentChangeEvent>,
}

/// `textDocument/didSave` and `textDocument/didClose`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// What was saved or closed.
    pub text_document: DocumentName,
}

/// A question about a place in a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct At {
    /// The document.
    pub text_document: DocumentName,
    /// The place.
    pub position: Position,
}

/// Whom a command is for: `{ "uri": … }` or `{ "textDocument": { "uri": … } }`; without either, all.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandTarget {
    uri: Option<Address>,
    text_document: Option<DocumentName>,
}

impl CommandTarget {
    /// The address of the one that is meant.
    pub fn address(self) -> Option<Address> {
        self.uri.or(self.text_document.map(|document| document.uri))
    }
}

/// `textDocument/publishDiagnostics`: what is marked in one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Marks {
    /// The file.
    pub uri: Address,
    /// The marks, all of them.
    pub diagnostics: Vec<lsp_types::Diagnostic>,
    /// The number of the text that they are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
}
