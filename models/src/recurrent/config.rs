//! The sizes of a network of the family, and its tensors.
//!
//! | tensor | shape | what |
//! |---|---|---|
//! | `embed.weight` | `[rows, embed]` | one row for each value of each input feature; the rows of a step are summed |
//! | `lstm.L.weight_ih` | `[4·hidden, in]` | `in` is `embed` for layer 0, else `hidden` |
//! | `lstm.L.weight_hh` | `[4·hidden, hidden]` | |
//! | `lstm.L.bias` | `[4·hidden]` | one bias, added once |
//! | `field.0.weight`, `field.0.bias` | `[classes 0, hidden]`, `[classes 0]` | logits of the first field |
//! | `field.K.hidden.weight` | `[gate, hidden]` | for every later field K |
//! | `field.K.after.J.weight` | `[classes J, gate]` | for every field J before it: one row a class, added to its hidden layer |
//! | `field.K.weight`, `field.K.bias` | `[classes K, gate]`, `[classes K]` | logits of field K |
//!
//! Gates lie in the order i, f, g, o, as in PyTorch. For one event, with `x` the sum of the feature rows, `h` the
//! top layer's state and `c_J` the class of field J:
//!
//! ```text
//! z = weight_ih·x + weight_hh·h + bias        c' = σ(f)·c + σ(i)·tanh(g)      h' = σ(o)·tanh(c')
//! logits 0 = field.0.weight·h + field.0.bias
//! u        = relu(field.K.hidden.weight·h + Σ_{J<K} field.K.after.J.weight[c_J])
//! logits K = field.K.weight·u + field.K.bias
//! ```

use serde::{Deserialize, Serialize};

/// Sizes of a network; written on the card and read back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Rows of `embed.weight`: all values of all input features.
    pub rows: usize,
    /// Rows that are heard at each step: the input features.
    pub groups: usize,
    /// Width of an embedding row.
    pub embed: usize,
    /// Width of each LSTM layer, a multiple of 16.
    pub hidden: usize,
    /// Number of LSTM layers.
    pub layers: usize,
    /// Width of the hidden layer in front of every field but the first.
    pub gate: usize,
    /// Classes of each field of an event.
    pub fields: Vec<usize>,
    /// What the fields are called in the names of their tensors; no card says it.
    #[serde(skip)]
    pub names: FieldNames,
}

/// What the fields of an event are called in the names of their tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldNames {
    /// `field.0`, `field.1` and so on.
    #[default]
    Numbered,
    /// By words, one a field: with `duration` and `pitch` there are `duration.weight`, `pitch.weight` and, for the
    /// rows that a duration adds to the hidden layer of the pitch, `pitch.duration.weight`.
    Words(&'static [&'static str]),
}

impl Config {
    /// Names and shapes of all tensors, in the order in which they are stored.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let gates = 4 * self.hidden;
        let mut list = vec![("embed.weight".to_owned(), vec![self.rows, self.embed])];
        for layer in 0..self.layers {
            let input = if layer == 0 { self.embed } else { self.hidden };
            list.push((format!("lstm.{layer}.weight_ih"), vec![gates, input]));
            list.push((format!("lstm.{layer}.weight_hh"), vec![gates, self.hidden]));
            list.push((format!("lstm.{layer}.bias"), vec![gates]));
        }
        for (field, &classes) in self.fields.iter().enumerate() {
            let mut input = self.hidden;
            if field > 0 {
                input = self.gate;
                list.push((self.hidden_weight(field), vec![self.gate, self.hidden]));
                for (before, &classes) in self.fields[..field].iter().enumerate() {
                    list.push((self.after_weight(field, before), vec![classes, self.gate]));
                }
            }
            list.push((self.weight(field), vec![classes, input]));
            list.push((self.bias(field), vec![classes]));
        }
        list
    }

    /// Number of trained numbers.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }

    /// The tensors of which each row belongs to a class: they are looked up, not multiplied with.
    pub fn tables(&self) -> Vec<String> {
        let after = |field| (0..field).map(move |before| self.after_weight(field, before));
        std::iter::once("embed.weight".to_owned()).chain((1..self.fields.len()).flat_map(after)).collect()
    }

    /// The matrix of the logits of a field.
    pub(super) fn weight(&self, field: usize) -> String {
        format!("{}.weight", self.name(field))
    }

    /// What is added to the logits of a field.
    pub(super) fn bias(&self, field: usize) -> String {
        format!("{}.bias", self.name(field))
    }

    /// The matrix of the hidden layer in front of a field.
    pub(super) fn hidden_weight(&self, field: usize) -> String {
        format!("{}.hidden.weight", self.name(field))
    }

    /// What each class of the field `before` adds to the hidden layer in front of `field`.
    pub(super) fn after_weight(&self, field: usize, before: usize) -> String {
        match self.names {
            FieldNames::Numbered => format!("field.{field}.after.{before}.weight"),
            FieldNames::Words(_) => format!("{}.{}.weight", self.name(field), self.name(before)),
        }
    }

    fn name(&self, field: usize) -> String {
        match self.names {
            FieldNames::Numbered => format!("field.{field}"),
            FieldNames::Words(words) => words.get(field).copied().unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_by_numbers_or_words() {
        let config = |names| Config {
            rows: 5,
            groups: 1,
            embed: 4,
            hidden: 16,
            layers: 1,
            gate: 8,
            fields: vec![3, 4],
            names,
        };
        let of_fields = |names| {
            let tensors = config(names).tensors().into_iter().skip(4);
            tensors.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            of_fields(FieldNames::Numbered),
            "field.0.weight field.0.bias field.1.hidden.weight field.1.after.0.weight field.1.weight field.1.bias"
        );
        let words = FieldNames::Words(&["duration", "pitch"]);
        assert_eq!(
            of_fields(words),
            "duration.weight duration.bias pitch.hidden.weight pitch.duration.weight pitch.weight pitch.bias"
        );
        assert_eq!(config(words).tables(), ["embed.weight", "pitch.duration.weight"]);
    }
}
