//! Spreadsheets: no cell of any CSV is a formula, whatever the reader takes for a separator.

use std::process::Command;

use crate::{SHOWING, hostile};

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// The cells of a text as a reader with this separator sees them.
fn cells(text: &str, separator: char) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => quoted = true,
            c if !quoted && (c == separator || c == '\n' || c == '\r') => {
                cells.push(std::mem::take(&mut cell))
            }
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

fn is_formula(cell: &str) -> bool {
    let start = cell.trim_start_matches([' ', '\u{a0}', '"', '\0', '\u{feff}']);
    start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

fn sheets() -> Vec<(String, String)> {
    let world = hostile();
    let mut all = Vec::new();
    for command in SHOWING {
        for lang in ["en", "ru"] {
            let run = world.dsr(command.split(' ').chain(["--format", "csv", "--lang", lang]));
            all.push((format!("{command} --lang {lang}"), run.ok().stdout));
        }
    }
    all
}

#[test]
fn no_cell_is_a_formula() {
    assert!(is_formula("=1") && is_formula(" +7") && !is_formula("'=1"), "the check itself");
    assert!(cells("\"a;=1\";b\n", ',').iter().any(|cell| cell.contains("=1")));
    for (command, sheet) in sheets() {
        for separator in SEPARATORS {
            let live: Vec<String> =
                cells(&sheet, separator).into_iter().filter(|cell| is_formula(cell)).collect();
            assert!(live.is_empty(), "{command}: with {separator:?}: {live:?}");
        }
    }
}

/// The same by a spreadsheet. It is large, so only where it is installed.
#[test]
fn no_cell_is_a_formula_to_libreoffice() {
    let office = Command::new("soffice").arg("--version").output();
    if !office.is_ok_and(|run| run.status.success()) {
        return crate::common::tell("skipped: LibreOffice (`soffice`) is not installed");
    }
    let home = tempfile::tempdir().unwrap();
    let (mut count, all) = (0, sheets());
    for (nth, (_, sheet)) in all.iter().enumerate() {
        std::fs::write(home.path().join(format!("{nth}.csv")), sheet).unwrap();
    }
    // A sheet that must be found out: the check can fail.
    std::fs::write(home.path().join("live.csv"), "a,b\n=1+1,c\n").unwrap();
    for (separator, code) in [(',', 44), (';', 59), ('\t', 9)] {
        let out = home.path().join(format!("out-{code}"));
        let profile = format!("-env:UserInstallation=file://{}/profile", home.path().display());
        let run = Command::new("soffice")
            .args([&profile, "--headless", "--convert-to", "fods", "--outdir"])
            .arg(&out)
            .arg(format!("--infilter=Text - txt - csv (StarCalc):{code},34,76,1"))
            .args((0..all.len()).map(|nth| home.path().join(format!("{nth}.csv"))))
            .arg(home.path().join("live.csv"))
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        for (nth, (command, _)) in all.iter().enumerate() {
            let page = std::fs::read_to_string(out.join(format!("{nth}.fods"))).unwrap();
            assert!(!page.contains("table:formula="), "{command}: a live formula with {separator:?}");
            count += 1;
        }
        let live = std::fs::read_to_string(out.join("live.fods")).unwrap();
        assert!(separator != ',' || live.contains("table:formula="), "the check sees what is live");
    }
    crate::common::tell(&format!("LibreOffice opened {count} sheets: no formula"));
}
