//! What a stack of LSTM layers remembers.

/// Everything that a stack remembers of the past: for each layer `h` and `c`. Cloning it copies
/// `8 · layers · hidden` bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct LstmState {
    /// `[layers, hidden]`.
    h: Vec<f32>,
    /// `[layers, hidden]`.
    c: Vec<f32>,
    hidden: usize,
}

impl LstmState {
    /// The state before anything was heard.
    pub fn zeros(layers: usize, hidden: usize) -> LstmState {
        LstmState { h: vec![0.0; layers * hidden], c: vec![0.0; layers * hidden], hidden }
    }

    /// Hidden state of the top layer, `[hidden]`: what the next layers of a network read.
    pub fn top(&self) -> &[f32] {
        &self.h[self.h.len() - self.hidden..]
    }

    /// Hidden and cell state of one layer, `[hidden]` each.
    pub fn layer(&self, layer: usize) -> (&[f32], &[f32]) {
        let span = layer * self.hidden..(layer + 1) * self.hidden;
        (&self.h[span.clone()], &self.c[span])
    }

    /// Hidden and cell state of one layer, to be replaced.
    pub(crate) fn layer_mut(&mut self, layer: usize) -> (&mut [f32], &mut [f32]) {
        let span = layer * self.hidden..(layer + 1) * self.hidden;
        (&mut self.h[span.clone()], &mut self.c[span])
    }
}
