//! Where in a line a field stands: a character of a JSON line, a cell of a CSV row.

use std::fmt;

/// A field of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// A field such as `collected_at`.
    Field(&'a str),
    /// One item of a list such as `purposes`.
    Item(&'a str, usize),
    /// A field of the payload.
    Data(&'a str),
    /// One of the identifiers: its number, its type, and which half of it.
    Identifier(usize, &'a str, &'a str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) | Self::Item(name, _) => f.write_str(name),
            Self::Data(name) => write!(f, "data.{name}"),
            Self::Identifier(_, "", half) => write!(f, "identifiers.{half}"),
            Self::Identifier(_, kind, _) => write!(f, "identifier.{kind}"),
        }
    }
}

/// Finds the column of a field.
pub enum Locator<'l> {
    /// A JSON object on one line.
    Json(&'l str),
    /// The cells of a header.
    Csv(&'l [String]),
}

impl Locator<'_> {
    /// The column from 1; 0 where the field does not stand in the line.
    pub fn column(&self, place: Place<'_>) -> u32 {
        match self {
            Self::Json(line) => json(line, place).map_or(0, |at| column_of(line, at)),
            Self::Csv(header) => {
                let at = match place {
                    Place::Field(name) | Place::Item(name, _) => header.iter().position(|cell| *cell == name),
                    other => header.iter().position(|cell| *cell == other.to_string()),
                };
                at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
            }
        }
    }
}

/// The column, in characters from 1, of a byte of the line.
pub fn column_of(line: &str, at: usize) -> u32 {
    let before = line.get(..at).map_or(at, |text| text.chars().count());
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

fn json(line: &str, place: Place<'_>) -> Option<usize> {
    let top = Walk { line, at: 0 };
    match place {
        Place::Field(name) => top.member(name).map(|walk| walk.at),
        Place::Item(name, nth) => top.member(name)?.item(nth).map(|walk| walk.at),
        Place::Data(name) => {
            let data = top.member("data")?;
            Some(data.member(name).map_or(data.at, |walk| walk.at))
        }
        Place::Identifier(nth, _, half) => {
            let one = top.member("identifiers")?.item(nth)?;
            Some(one.member(half).map_or(one.at, |walk| walk.at))
        }
    }
}

/// The member of the line's object that a byte stands in: its name and the byte its value begins at.
pub fn member_at(line: &str, byte: usize) -> Option<(String, usize)> {
    let mut here = Walk { line, at: 0 }.past(b'{')?;
    loop {
        let key = here.blank();
        let after = key.over()?;
        let value = after.past(b':')?.blank();
        let end = value.over()?;
        if byte <= end.at {
            let name = serde_json::from_str(line.get(key.at..after.at)?).ok()?;
            return Some((name, value.at));
        }
        here = end.past(b',')?;
    }
}

/// A place in a line that is known to be well-formed JSON.
#[derive(Clone, Copy)]
struct Walk<'l> {
    line: &'l str,
    at: usize,
}

impl<'l> Walk<'l> {
    fn rest(&self) -> &'l [u8] {
        self.line.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn blank(mut self) -> Self {
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self
    }

    /// Past one byte, if it is this one.
    fn past(self, byte: u8) -> Option<Self> {
        let here = self.blank();
        (here.rest().first() == Some(&byte)).then_some(Self { at: here.at + 1, ..here })
    }

    /// The value of a member of the object that begins here.
    fn member(self, name: &str) -> Option<Self> {
        let mut here = self.past(b'{')?;
        loop {
            let key = here.blank();
            let after = key.over()?;
            let value = after.past(b':')?.blank();
            let text = key.line.get(key.at..after.at)?;
            if serde_json::from_str::<String>(text).is_ok_and(|known| known == name) {
                return Some(value);
            }
            here = value.over()?.past(b',')?;
        }
    }

    /// An item of the list that begins here.
    fn item(self, nth: usize) -> Option<Self> {
        let mut here = self.past(b'[')?.blank();
        for _ in 0..nth {
            here = here.over()?.past(b',')?.blank();
        }
        Some(here)
    }

    /// Past the value that begins here.
    fn over(self) -> Option<Self> {
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        for (count, byte) in self.rest().iter().enumerate() {
            let end = |more: usize| Some(Self { at: self.at + count + more, ..self });
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => {
                    quoted = !quoted;
                    if !quoted && depth == 0 {
                        return end(1);
                    }
                }
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth <= 1 => return end(depth),
                b'}' | b']' => depth -= 1,
                b',' if depth == 0 => return end(0),
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Place as P, *};

    #[test]
    fn fields_are_found() {
        let line = r#"{"kind":"record", "a\"b":[1,{"x":"]"}],"purposes":["one", "two"], "Қ":-1.5,"data":{"phone":"8","e":{}},"identifiers":[{"type":"iin","value":"9"},{"type":"vin"}]}"#;
        let after =
            |needle: &str| line.find(needle).map_or(0, |at| line[..at + needle.len()].chars().count() + 1);
        for (place, needle) in [
            (P::Field("kind"), r#"{"kind":"#),
            (P::Field("a\"b"), r#""a\"b":"#),
            (P::Item("purposes", 1), r#""one", "#),
            (P::Field("Қ"), r#""Қ":"#),
            (P::Data("phone"), r#""phone":"#),
            (P::Data("absent"), r#""data":"#),
            (P::Identifier(0, "iin", "value"), r#""value":"#),
            (P::Identifier(1, "vin", "value"), r#""9"},"#),
        ] {
            let column = Locator::Json(line).column(place);
            assert_eq!(usize::try_from(column), Ok(after(needle)), "{place}");
        }
        assert_eq!(Locator::Json(line).column(P::Field("absent")), 0);
        assert_eq!(Locator::Json("{").column(P::Field("absent")), 0);
    }

    #[test]
    fn cells_are_found() {
        let header = ["ref", "identifier.phone", "data.phone"].map(str::to_owned);
        let csv = Locator::Csv(&header);
        for (place, column) in [
            (P::Field("ref"), 1),
            (P::Identifier(0, "phone", "value"), 2),
            (P::Data("phone"), 3),
            (P::Field("absent"), 0),
        ] {
            assert_eq!(csv.column(place), column, "{place}");
        }
    }
}
