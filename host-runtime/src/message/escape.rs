//! Escapes and cuts text that a guest may have chosen.

/// How many characters of a guest's name are printed.
const NAME_SHOWN: usize = 80;

/// How many characters of a line of another library's error are printed.
const LINE_SHOWN: usize = 400;

/// How many lines of another library's error are printed.
const LINES_SHOWN: usize = 20;

/// Escapes the characters of a name that a terminal or a reader could misunderstand, and cuts the
/// name to the length of a line.
pub(crate) fn escaped(name: &str) -> String {
    // Messages put names between backquotes.
    let is_escaped = |c| is_invisible(c) || matches!(c, '\\' | '`' | '\n' | '\r' | '\t');
    match escape(name, NAME_SHOWN, is_escaped) {
        (shown, true) => shown,
        (shown, false) => format!("{shown}… ({} bytes)", name.len()),
    }
}

/// Escapes and cuts the text of another library's error, which may contain text of a guest. Returns
/// `None` if the text can be printed as it is.
pub(crate) fn foreign(text: &str) -> Option<String> {
    let is_plain =
        |line: &str| !line.chars().any(is_invisible) && line.chars().nth(LINE_SHOWN).is_none();
    if text.lines().all(is_plain) && text.lines().nth(LINES_SHOWN).is_none() {
        return None;
    }
    let lines = text.lines().take(LINES_SHOWN);
    let lines = lines.map(|line| match escape(line, LINE_SHOWN, is_invisible) {
        (shown, true) => shown,
        (shown, false) => shown + "…",
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// As [`foreign`], for text that must stay on one line.
pub(crate) fn foreign_line(text: &str) -> Option<String> {
    if text.contains(['\n', '\r']) {
        let line = text.replace('\n', "\\n").replace('\r', "\\r");
        return Some(foreign(&line).unwrap_or(line));
    }
    foreign(text)
}

/// Escapes some of the first `most` characters, and tells whether there are no more.
fn escape(text: &str, most: usize, is_escaped: impl Fn(char) -> bool) -> (String, bool) {
    let mut shown = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(most) {
        if !is_escaped(character) {
            shown.push(character);
        } else if matches!(character, '\\' | '\n' | '\r' | '\t') {
            shown.extend(character.escape_default());
        } else {
            shown.extend(character.escape_unicode());
        }
    }
    (shown, characters.next().is_none())
}

/// Checks whether text contains invisible characters, control characters or line ends.
pub(crate) fn has_hidden(text: &str) -> bool {
    text.chars()
        .any(|character| character.is_control() || is_invisible(character))
}

/// Checks whether a character is invisible, or changes how other characters are displayed.
fn is_invisible(character: char) -> bool {
    let is_format = matches!(
        character,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    is_format || (character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_they_are_or_escaped() {
        for plain in ["memory", "console.log", "π", "émoire", "名前", "a b", "$f"] {
            assert_eq!(escaped(plain), plain);
        }
        for (name, shown) in [
            ("a\nb", r"a\nb"),
            ("\x1B[31m", r"\u{1b}[31m"),
            ("a`b", r"a\u{60}b"),
            ("a\u{200B}b", r"a\u{200b}b"),
            ("\u{202E}b", r"\u{202e}b"),
            ("\\", r"\\"),
            ("\0", r"\u{0}"),
            ("\u{9B}", r"\u{9b}"),
        ] {
            assert_eq!(escaped(name), shown);
        }
        let long = escaped(&"x".repeat(100_000));
        assert_eq!(long, format!("{}… (100000 bytes)", "x".repeat(80)));
    }
}
