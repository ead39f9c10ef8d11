//! WAV files that grow: two channels, with the plainest header that the samples allow.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use super::pcm::{Bits, Quantiser};

/// Two channels.
const CHANNELS: u32 = 2;
/// The number of a form of samples: whole numbers, and floats.
const PCM: u16 = 1;
const IEEE_FLOAT: u16 = 3;
/// Most bytes that the header can count. An odd count is never reached: frames are even or padded.
const MOST_BYTES: u64 = u32::MAX as u64 - 128;

/// A WAV file that is being written. Its header is right whenever it was [settled](WavFile::settle).
pub struct WavFile<W: Write + Seek> {
    to: BufWriter<W>,
    bits: Bits,
    quantiser: Quantiser,
    /// Where the samples begin, in bytes.
    header: u64,
    /// Bytes of samples so far.
    bytes: u64,
}

impl<W: Write + Seek> WavFile<W> {
    /// An empty file at `rate` frames a second.
    ///
    /// # Errors
    /// As writing does.
    pub fn new(to: W, bits: Bits, rate: u32) -> io::Result<WavFile<W>> {
        let header = header(bits, rate, 0);
        let mut to = BufWriter::with_capacity(1 << 16, to);
        to.write_all(&header)?;
        Ok(WavFile { to, bits, quantiser: Quantiser::new(bits), header: header.len() as u64, bytes: 0 })
    }

    /// Adds frames, left and right in turn.
    ///
    /// # Errors
    /// As writing does, and when the file would be longer than the format can tell, which is 4 GiB.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        let bytes = (samples.len() * self.bits.bytes()) as u64;
        if self.bytes + bytes > MOST_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a WAV file holds 4 GiB at most"));
        }
        for sample in samples {
            match self.bits {
                Bits::Float => self.to.write_all(&sample.to_le_bytes())?,
                bits => {
                    let number = self.quantiser.number(*sample).to_le_bytes();
                    self.to.write_all(&number[..bits.bytes()])?;
                }
            }
        }
        self.bytes += bytes;
        Ok(())
    }

    /// True when so many more samples would be too many.
    pub fn is_full_for(&self, samples: usize) -> bool {
        self.bytes + (samples * self.bits.bytes()) as u64 > MOST_BYTES
    }

    /// Makes a whole file of what was written so far.
    ///
    /// # Errors
    /// As writing does.
    pub fn settle(&mut self) -> io::Result<()> {
        self.to.flush()?;
        let rest = self.header - 8 + self.bytes;
        let fits = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
        let file = self.to.get_mut();
        file.seek(SeekFrom::Start(4))?;
        file.write_all(&fits(rest))?;
        if self.bits == Bits::Float {
            file.seek(SeekFrom::Start(self.header - 12))?;
            file.write_all(&fits(self.bytes / (u64::from(CHANNELS) * 4)))?;
        }
        file.seek(SeekFrom::Start(self.header - 4))?;
        file.write_all(&fits(self.bytes))?;
        file.seek(SeekFrom::End(0))?;
        Ok(())
    }

    /// How many samples were too loud and cut off.
    pub fn clipped(&self) -> u64 {
        self.quantiser.clipped()
    }
}

/// The header of a file with so many bytes of samples. Of 16 and 24 bits it is the 44 bytes that every reader
/// knows; floats need a longer one (Microsoft, *Multimedia Data Standards Update*, 1994).
fn header(bits: Bits, rate: u32, bytes: u32) -> Vec<u8> {
    let of_sample = bits.bytes() as u32;
    let mut form = Vec::new();
    form.extend(if bits == Bits::Float { IEEE_FLOAT } else { PCM }.to_le_bytes());
    form.extend((CHANNELS as u16).to_le_bytes());
    form.extend(rate.to_le_bytes());
    form.extend((rate * CHANNELS * of_sample).to_le_bytes());
    form.extend(((CHANNELS * of_sample) as u16).to_le_bytes());
    form.extend(((8 * of_sample) as u16).to_le_bytes());
    let mut chunks = Vec::new();
    let mut chunk = |name: &[u8; 4], data: &[u8]| {
        chunks.extend(name);
        chunks.extend((data.len() as u32).to_le_bytes());
        chunks.extend(data);
    };
    if bits == Bits::Float {
        form.extend(0u16.to_le_bytes());
        chunk(b"fmt ", &form);
        chunk(b"fact", &(bytes / (CHANNELS * of_sample)).to_le_bytes());
    } else {
        chunk(b"fmt ", &form);
    }
    let mut header = b"RIFF".to_vec();
    header.extend((4 + chunks.len() as u32 + 8 + bytes).to_le_bytes());
    header.extend(b"WAVE");
    header.extend(chunks);
    header.extend(b"data");
    header.extend(bytes.to_le_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn number(bytes: &[u8], at: usize, count: usize) -> u32 {
        bytes[at..at + count].iter().rev().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
    }

    /// A file of these samples, settled after each piece.
    fn file(bits: Bits, pieces: &[&[f32]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut wav = WavFile::new(Cursor::new(&mut bytes), bits, 48_000).expect("memory");
        for piece in pieces {
            wav.write(piece).expect("memory");
            wav.settle().expect("memory");
        }
        drop(wav);
        bytes
    }

    #[test]
    fn the_header_is_the_plainest_one() {
        for (bits, kind, size, frame) in
            [(Bits::Sixteen, 1, 44, 4), (Bits::TwentyFour, 1, 44, 6), (Bits::Float, 3, 58, 8)]
        {
            let bytes = file(bits, &[&[0.5, -0.5], &[0.25, 0.0]]);
            assert_eq!(bytes.len(), size + 2 * frame);
            assert_eq!((&bytes[..4], &bytes[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
            assert_eq!(number(&bytes, 4, 4) as usize, bytes.len() - 8);
            assert_eq!(number(&bytes, 16, 4) as usize, if kind == 1 { 16 } else { 18 });
            let form = [(20, 2), (22, 2), (24, 4), (28, 4), (32, 2), (34, 2)];
            let form = form.map(|(at, count)| number(&bytes, at, count));
            let frame = frame as u32;
            assert_eq!(form, [kind, 2, 48_000, 48_000 * frame, frame, 4 * frame]);
            assert_eq!(&bytes[size - 8..size - 4], b"data");
            assert_eq!(number(&bytes, size - 4, 4), 2 * frame);
        }
    }

    #[test]
    fn samples_are_what_was_written() {
        let fine = file(Bits::TwentyFour, &[&[0.5, -0.5]]);
        assert_eq!(&fine[44..], [0x00, 0x00, 0x40, 0x00, 0x00, 0xc0]);
        let float = file(Bits::Float, &[&[0.5, -3.0]]);
        assert_eq!(&float[46..50], 1u32.to_le_bytes());
        assert_eq!(&float[58..], [0.5f32.to_le_bytes(), (-3.0f32).to_le_bytes()].concat());
        let mut loud = WavFile::new(Cursor::new(Vec::new()), Bits::Sixteen, 48_000).expect("memory");
        loud.write(&[1.5, 0.0]).expect("memory");
        assert_eq!(loud.clipped(), 1);
    }

    #[test]
    fn what_was_not_settled_is_not_told_of() {
        let mut bytes = Vec::new();
        let mut wav = WavFile::new(Cursor::new(&mut bytes), Bits::Sixteen, 48_000).expect("memory");
        wav.write(&[0.1; 20]).expect("memory");
        wav.settle().expect("memory");
        wav.write(&[0.1; 20]).expect("memory");
        drop(wav);
        assert_eq!((bytes.len(), number(&bytes, 40, 4)), (44 + 80, 40));
    }
}
