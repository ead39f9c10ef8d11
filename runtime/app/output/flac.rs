//! FLAC files that grow, block by block.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, Stream, StreamInfo};
use flacenc::config::Encoder;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

use super::pcm::{Bits, Quantiser};

/// Two channels.
const CHANNELS: usize = 2;
/// Frames of a block; the last one may be shorter.
const BLOCK: usize = 4096;

/// A FLAC file that is being written. It can be read up to its last whole block whenever it was
/// [settled](FlacFile::settle).
pub struct FlacFile<W: Write + Seek> {
    to: BufWriter<W>,
    encoder: Verified<Encoder>,
    quantiser: Quantiser,
    info: StreamInfo,
    /// Count and checksum of what was written.
    context: Context,
    block: FrameBuf,
    /// Samples that fill no block yet, left and right in turn.
    waiting: Vec<i32>,
}

fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

impl<W: Write + Seek> FlacFile<W> {
    /// An empty file at `rate` frames a second.
    ///
    /// # Errors
    /// As writing does, and for floats, which FLAC does not know.
    pub fn new(to: W, bits: Bits, rate: u32) -> io::Result<FlacFile<W>> {
        if bits == Bits::Float {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "FLAC knows no floats"));
        }
        let depth = 8 * bits.bytes();
        let mut encoder = Encoder::default();
        (encoder.block_size, encoder.multithread) = (BLOCK, false);
        let mut info = StreamInfo::new(rate as usize, CHANNELS, depth).map_err(broken)?;
        info.set_block_sizes(BLOCK, BLOCK).map_err(broken)?;
        // Not known.
        info.set_frame_sizes(0, 0).map_err(broken)?;
        let mut file = FlacFile {
            to: BufWriter::with_capacity(1 << 16, to),
            encoder: encoder.into_verified().map_err(|(_, error)| broken(error))?,
            quantiser: Quantiser::new(bits),
            info,
            context: Context::new(depth, CHANNELS),
            block: FrameBuf::with_size(CHANNELS, BLOCK).map_err(broken)?,
            waiting: Vec::with_capacity(CHANNELS * BLOCK),
        };
        file.write_head()?;
        Ok(file)
    }

    /// The head, over what stands there.
    fn write_head(&mut self) -> io::Result<()> {
        let mut sink = ByteSink::new();
        Stream::with_stream_info(self.info.clone()).write(&mut sink).map_err(broken)?;
        self.to.flush()?;
        let file = self.to.get_mut();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(sink.as_slice())?;
        file.seek(SeekFrom::End(0))?;
        Ok(())
    }

    /// Adds frames, left and right in turn.
    ///
    /// # Errors
    /// As writing does.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        for sample in samples {
            let number = self.quantiser.number(*sample);
            self.waiting.push(number);
            if self.waiting.len() == CHANNELS * BLOCK {
                self.write_block()?;
            }
        }
        Ok(())
    }

    fn write_block(&mut self) -> io::Result<()> {
        self.block.fill_interleaved(&self.waiting).map_err(broken)?;
        self.context.fill_interleaved(&self.waiting).map_err(broken)?;
        let number = self.context.current_frame_number().unwrap_or_default();
        let frame = flacenc::encode_fixed_size_frame(&self.encoder, &self.block, number, &self.info);
        let mut sink = ByteSink::new();
        frame.map_err(broken)?.write(&mut sink).map_err(broken)?;
        self.waiting.clear();
        self.to.write_all(sink.as_slice())
    }

    /// Makes a whole file of the blocks written so far, without their checksum.
    ///
    /// # Errors
    /// As writing does.
    pub fn settle(&mut self) -> io::Result<()> {
        self.info.set_total_samples(self.context.total_samples());
        self.write_head()
    }

    /// Writes what is left, and the checksum of all.
    ///
    /// # Errors
    /// As writing does.
    pub fn finish(&mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.write_block()?;
        }
        self.info.set_md5_digest(&self.context.md5_digest());
        self.settle()
    }

    /// How many samples were too loud and cut off.
    pub fn clipped(&self) -> u64 {
        self.quantiser.clipped()
    }
}
