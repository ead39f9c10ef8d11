//! Lilt's command line: reads the words, starts the threads in order, and turns
//! what went wrong into an exit status (0 done, 1 the script is wrong, 2 wrong use).

mod command_line;
mod commands;
mod course;
mod diagnosis;
mod easel;
mod failure;
mod film;
mod folder;
mod journal;
mod live;
mod offline;
mod output;
mod picture;
mod place;
mod placement;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use command_line::{CommandLine, Verb};

fn main() -> ExitCode {
    // Rayon's pool makes a single step of a network slower, so each of our worker
    // threads computes alone. Set before any thread starts.
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        // SAFETY: no other thread runs yet, so nothing can read the environment meanwhile.
        unsafe { std::env::set_var("RAYON_NUM_THREADS", "1") };
    }
    let verb = CommandLine::parse().verb;
    if !matches!(verb, Verb::Live(_) | Verb::Lsp | Verb::Train(_)) {
        end_with_the_reader();
    }
    let done = match verb {
        Verb::Live(words) => live::live(words),
        Verb::Render(words) => commands::render::render(words),
        Verb::Record(words) => commands::record::record(words),
        Verb::Run(words) => commands::run::run(words),
        Verb::Check(words) => commands::check::check(words),
        Verb::Pattern(words) => commands::pattern::pattern(words),
        Verb::Play(words) => commands::play::play(words),
        Verb::Doc(words) => commands::doc::doc(words),
        Verb::Examples(words) => commands::examples::examples(words),
        Verb::Tour(words) => commands::tour::tour(words),
        Verb::Models(words) => commands::models::models(words),
        Verb::Train(words) => commands::train::train(words),
        Verb::Import(words) => commands::import::import(words),
        Verb::Devices => commands::devices::devices(),
        Verb::Bench(words) => commands::bench::bench(words),
        Verb::Lsp => commands::lsp::lsp(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // With standard error closed or full the status alone must tell.
            let _unread = writeln!(std::io::stderr(), "{failure}");
            failure.exit_code()
        }
    }
}

/// Lets `lilt doc | head` end in silence when the reader has seen enough. Not for
/// the host and the language server: they outlive whoever listens to them.
fn end_with_the_reader() {
    #[cfg(unix)]
    // SAFETY: only this thread runs, and the default action is a valid one for SIGPIPE.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
}
