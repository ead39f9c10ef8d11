//! Identity of what a script declares, from the values alone: where in the file
//! they were written does not count.

/// A hash that is the same on every machine and in every version of Rust:
/// FNV-1a over 64 bits (Fowler, Noll and Vo 1991), each part preceded by its
/// length so that two parts never read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// The start of an identity; `kind` keeps unlike things apart.
    pub fn of(kind: &str) -> Fingerprint {
        Fingerprint(0xcbf2_9ce4_8422_2325).text(kind)
    }

    /// With bytes added.
    pub fn bytes(self, bytes: &[u8]) -> Fingerprint {
        let length = (bytes.len() as u64).to_le_bytes();
        let hash = length
            .iter()
            .chain(bytes)
            .fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Fingerprint(hash)
    }

    /// With a text added.
    pub fn text(self, text: &str) -> Fingerprint {
        self.bytes(text.as_bytes())
    }

    /// With a whole number added: another identity, or a count.
    pub fn number(self, number: u64) -> Fingerprint {
        self.bytes(&number.to_le_bytes())
    }

    /// With a number added; both zeros are one, every NaN too.
    pub fn real(self, value: f64) -> Fingerprint {
        let value = if value == 0.0 { 0.0 } else { value };
        self.number(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
    }

    /// The identity as a number.
    pub fn value(self) -> u64 {
        // FNV leaves the high bits weak for short inputs; the finaliser of
        // MurmurHash3 (Appleby 2011) spreads them.
        let mut hash = self.0;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let hash = |parts: &[&str]| parts.iter().fold(Fingerprint::of("x"), |f, part| f.text(part)).value();
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
        assert_ne!(Fingerprint::of("a"), Fingerprint::of("b"));
        assert_eq!(Fingerprint::of("a").real(0.0), Fingerprint::of("a").real(-0.0));
    }
}
