//! A session that sees a playbook being written says at every moment what a fresh check of the same files says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg::{Diagnostic, Folder, Session, SourceMap};
use seg_tests::bulky;
use seg_tests::random::Random;

/// Everything that is said, with the places as people see them.
fn said(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|d| seg::render::json(sources, d).to_string()).collect()
}

/// A change that a hand makes somewhere: pieces taken out, doubled, moved to another file, and files that come and go.
fn change(session: &mut Session, random: &mut Random) {
    let paths: Vec<String> = session.folder().sources.files.keys().cloned().collect();
    let path = &paths[random.below(paths.len())];
    let text = session.folder().sources.files[path].clone();
    let lines: Vec<&str> = text.lines().collect();
    let (from, count) = (random.below(lines.len() + 1), random.below(4));
    let piece = lines.iter().skip(from).take(count).map(|line| format!("{line}\n")).collect::<String>();
    let without = lines.iter().take(from).chain(lines.iter().skip(from + count));
    let without = without.map(|line| format!("{line}\n")).collect::<String>();
    match random.below(8) {
        0 => session.remove(path),
        1 => session.put(&format!("added_{}.seg", random.below(5)), piece),
        2 => session.put(path, format!("{text}{piece}")),
        3 => session.put(path, format!("use std.lifecycle\n{text}")),
        4 | 5 => session.put(path, bulky::pressed(&text, random.below(100))),
        6 => {
            let target = &paths[random.below(paths.len())];
            let there = session.folder().sources.files[target].clone();
            session.put(path, without);
            session.put(target, format!("{piece}{there}"));
        }
        _ => session.put(path, without),
    }
}

#[test]
fn a_session_says_what_a_fresh_check_says() {
    let sources = bulky::playbook(40, 6);
    let mut random = Random::new(7);
    let mut session = Session::new(Folder::of_sources(sources.clone()));
    let (mut sound, mut broken) = (0, 0);
    for round in 0..200 {
        if round % 20 == 0 {
            let there: Vec<String> = session.folder().sources.files.keys().cloned().collect();
            there.iter().for_each(|path| session.remove(path));
            sources.files.iter().for_each(|(path, text)| session.put(path, text.clone()));
        }
        let fresh = seg::check(session.folder());
        let again = session.diagnostics();
        assert_eq!(said(&again.sources, &again.diagnostics), said(&fresh.sources, &fresh.diagnostics), "round {round}");
        let whole = session.check();
        assert_eq!(said(&whole.sources, &whole.diagnostics), said(&fresh.sources, &fresh.diagnostics), "round {round}");
        assert_eq!(session.files_parsed(), 0, "nothing has changed since the diagnostics");
        assert_eq!(whole.work, fresh.work);
        let programs =
            [fresh.program, whole.program].map(|program| program.map(|p| (p.optimised.ir.nodes, p.optimised.segments)));
        assert_eq!(programs[0], programs[1], "round {round}");
        if programs[0].is_some() {
            sound += 1
        } else {
            broken += 1
        }
        change(&mut session, &mut random);
    }
    assert!(sound >= 10 && broken > 10, "{sound} sound and {broken} broken states say little");
}

#[test]
fn only_what_has_changed_is_parsed_again() {
    let mut session = Session::new(Folder::of_sources(bulky::playbook(40, 6)));
    session.diagnostics();
    assert_eq!(session.files_parsed(), 7);
    let text = session.folder().sources.files["kinds_002.seg"].clone();
    session.put("kinds_002.seg", bulky::pressed(&text, 0));
    session.diagnostics();
    assert_eq!(session.files_parsed(), 1);
    session.diagnostics();
    assert_eq!(session.files_parsed(), 0);
}
