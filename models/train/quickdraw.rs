//! Quick, Draw!'s drawings as they are found: a folder of files `*.ndjson`, also with `.gz`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use lilt_models::sketch::ndjson::{Drawn, read_line};

/// The drawings of a folder.
pub struct QuickDraw {
    /// Those that the game recognized, in the order of files and lines.
    pub drawings: Vec<Drawn>,
    /// Drawings read.
    pub read: usize,
    /// Drawings left out, by reason.
    pub left_out: BTreeMap<String, usize>,
}

impl QuickDraw {
    /// Reads a folder.
    pub fn read(data: &Path) -> Result<QuickDraw> {
        let mut told = QuickDraw { drawings: Vec::new(), read: 0, left_out: BTreeMap::new() };
        for path in files(data, &[".ndjson", ".ndjson.gz"])? {
            for drawing in read_drawings(&path)? {
                told.read += 1;
                let reason = match drawing {
                    Ok(Drawn { recognized: false, .. }) => "not recognized by the game",
                    Ok(drawing) => {
                        told.drawings.push(drawing);
                        continue;
                    }
                    Err(_) => "not readable",
                };
                *told.left_out.entry(reason.to_owned()).or_default() += 1;
            }
        }
        ensure!(!told.drawings.is_empty(), "{}: no drawings, as files NAME.ndjson", data.display());
        Ok(told)
    }
}

/// The drawings of a file.
pub fn read_drawings(path: &Path) -> Result<Vec<Result<Drawn, String>>> {
    let text = String::from_utf8(bytes(path)?).with_context(|| format!("{} is no text", path.display()))?;
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(read_line).collect())
}

/// Files of a folder whose names end so, in order.
pub fn files(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if endings.iter().any(|ending| name.ends_with(ending)) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// What a file holds, out of gzip where it is in it.
fn bytes(path: &Path) -> Result<Vec<u8>> {
    let stored = std::fs::read(path).with_context(|| path.display().to_string())?;
    if !stored.starts_with(&[0x1f, 0x8b]) {
        return Ok(stored);
    }
    let mut bytes = Vec::new();
    GzDecoder::new(stored.as_slice()).read_to_end(&mut bytes).with_context(|| path.display().to_string())?;
    Ok(bytes)
}
