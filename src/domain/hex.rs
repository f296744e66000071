//! Hexadecimal digits. Ids and digests stand in every audit entry, so this is on a hot path.

use std::fmt;

/// Writes bytes as lower-case digits.
///
/// # Errors
/// Those of the formatter.
pub fn write(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for part in bytes.chunks(32) {
        let text = digits(part);
        f.write_str(str::from_utf8(text.get(..2 * part.len()).unwrap_or_default()).unwrap_or_default())?;
    }
    Ok(())
}

/// Bytes as lower-case digits.
pub fn text(bytes: &[u8]) -> String {
    fmt::from_fn(|f| write(bytes, f)).to_string()
}

/// The digits of up to 32 bytes; nought beyond them.
pub fn digits(bytes: &[u8]) -> [u8; 64] {
    let mut text = [b'0'; 64];
    for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = PAIRS[usize::from(*byte)];
    }
    text
}

/// The two digits of every byte.
const PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};

#[test]
fn every_byte_has_its_digits() {
    let every: Vec<u8> = (0..=255).collect();
    let expected: String = every.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text(&every), expected);
}
