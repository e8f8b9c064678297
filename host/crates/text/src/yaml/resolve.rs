//! What a scalar means. The rules are those of go-yaml v2, which kubectl and Helm read with, and of
//! sigs.k8s.io/yaml, which turns its values into JSON; the tables in tests/yaml hold kubectl's own answers.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, Tag};
use serde_json::Number;

use super::base64;

/// A scalar with its type. Integers and floats are apart because tags and keys treat them differently.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'text> {
    Null,
    Bool(bool),
    Integer(Number),
    /// Not always finite: JSON has no infinity, but a key may be called `.inf`.
    Float(f64),
    Text(Cow<'text, str>),
}

/// Why a tag and its scalar do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// The tag is none of the core ones.
    UnknownTag,
    /// The scalar does not read as what the tag says.
    NotThatType,
    /// `!!binary` whose text is not base64.
    NotBase64,
    /// `!!binary` whose bytes are not UTF-8, which JSON cannot hold.
    NotText,
}

/// What a tag asks for.
#[derive(Clone, Copy)]
enum Wanted {
    Anything,
    Text,
    Null,
    Bool,
    Integer,
    Float,
    Binary,
}

/// The meaning of a scalar's text, given how it was written and tagged.
pub(super) fn resolve<'text>(
    text: Cow<'text, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<Scalar<'text>, Mismatch> {
    match wanted(style, tag).ok_or(Mismatch::UnknownTag)? {
        Wanted::Text => Ok(Scalar::Text(text)),
        Wanted::Binary => binary(&text),
        Wanted::Anything => Ok(plain(&text).unwrap_or(Scalar::Text(text))),
        wanted => tagged(wanted, plain(&text)),
    }
}

/// The name that a scalar has as a key, as JSON keys are strings; `None` for null, which cannot be a key.
pub(super) fn key_text(scalar: Scalar<'_>) -> Option<String> {
    match scalar {
        Scalar::Null => None,
        Scalar::Bool(bool) => Some(bool.to_string()),
        Scalar::Integer(number) => Some(number.to_string()),
        Scalar::Float(float) => Some(float_key(float)),
        Scalar::Text(text) => Some(text.into_owned()),
    }
}

/// The JSON number of a float, as kubectl makes it: without a fraction it is an integer (`1e3` is `1000`).
/// `None` for infinities and NaN.
#[must_use]
pub fn json_number(float: f64) -> Option<Number> {
    // Display writes the shortest digits that stand for the float, as Go does, and never an exponent.
    let integer = (float.fract() == 0.0 && float.abs() < 1e19).then(|| format!("{float}").parse::<i64>());
    match integer {
        Some(Ok(integer)) => Some(integer.into()),
        _ => Number::from_f64(float),
    }
}

fn wanted(style: ScalarStyle, tag: Option<&Tag>) -> Option<Wanted> {
    let Some(tag) = tag else {
        return Some(if style == ScalarStyle::Plain { Wanted::Anything } else { Wanted::Text });
    };
    if tag.handle().is_empty() && tag.suffix() == "!" {
        return Some(Wanted::Text);
    }
    match tag.suffix_in_namespace("tag:yaml.org,2002:")?.as_ref() {
        "str" => Some(Wanted::Text),
        "null" => Some(Wanted::Null),
        "bool" => Some(Wanted::Bool),
        "int" => Some(Wanted::Integer),
        "float" => Some(Wanted::Float),
        "binary" => Some(Wanted::Binary),
        _ => None,
    }
}

fn tagged(wanted: Wanted, found: Option<Scalar<'static>>) -> Result<Scalar<'static>, Mismatch> {
    match (wanted, found) {
        (Wanted::Null, Some(scalar @ Scalar::Null))
        | (Wanted::Bool, Some(scalar @ Scalar::Bool(_)))
        | (Wanted::Integer, Some(scalar @ Scalar::Integer(_)))
        | (Wanted::Float, Some(scalar @ Scalar::Float(_))) => Ok(scalar),
        (Wanted::Float, Some(Scalar::Integer(number))) if number.is_i64() => {
            number.as_f64().map(Scalar::Float).ok_or(Mismatch::NotThatType)
        }
        _ => Err(Mismatch::NotThatType),
    }
}

fn binary(text: &str) -> Result<Scalar<'static>, Mismatch> {
    let bytes = base64::decode(text).ok_or(Mismatch::NotBase64)?;
    String::from_utf8(bytes).map(|text| Scalar::Text(text.into())).map_err(|_| Mismatch::NotText)
}

/// The meaning of an untagged plain scalar; `None` when it is a string.
fn plain(text: &str) -> Option<Scalar<'static>> {
    match text.bytes().next() {
        None | Some(b'~' | b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => word(text),
        Some(b'.') => special_float(text).or_else(|| dotted(text)).map(Scalar::Float),
        Some(b'+' | b'-' | b'0'..=b'9') => special_float(text).map(Scalar::Float).or_else(|| number(text)),
        Some(_) => None,
    }
}

/// Only these spellings count: `tRUE` and `yEs` are strings.
fn word(text: &str) -> Option<Scalar<'static>> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Scalar::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Scalar::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Scalar::Bool(false))
        }
        _ => None,
    }
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A float that starts with its dot. Here go-yaml leaves underscores to Go, which wants each between digits.
fn dotted(text: &str) -> Option<f64> {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let misplaced = |(at, _)| !digit(bytes.get(at - 1)) || !digit(bytes.get(at + 1));
    if text.match_indices('_').any(misplaced) {
        return None;
    }
    float(&text.replace('_', ""))
}

/// An integer, else a float; underscores count for nothing in either.
fn number(text: &str) -> Option<Scalar<'static>> {
    let digits = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    integer(&digits).map(Scalar::Integer).or_else(|| float(&digits).map(Scalar::Float))
}

fn integer(text: &str) -> Option<Number> {
    let (sign, unsigned) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("+", &text[1..]),
        _ => ("", text),
    };
    let (digits, radix) = radix(unsigned);
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    match sign {
        "-" => 0_i64.checked_sub_unsigned(size).map(Number::from),
        // Go reads an explicit plus only in front of what fits 63 bits; beyond, it is a float.
        "+" => i64::try_from(size).ok().map(Number::from),
        _ => Some(Number::from(size)),
    }
}

/// The digits behind a prefix, and what they count in. A bare leading zero means octal, as in `0644`.
fn radix(unsigned: &str) -> (&str, u32) {
    let prefixed = unsigned.len() > 2;
    match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] if prefixed => (&unsigned[2..], 16),
        [b'0', b'o' | b'O', ..] if prefixed => (&unsigned[2..], 8),
        [b'0', b'b' | b'B', ..] if prefixed => (&unsigned[2..], 2),
        [b'0', _, ..] => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    }
}

/// `12`, `1.`, `.5`, `1.5e-3`: anything else, and what is too large for a float, is a string.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let counts = |exponent: &str| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    };
    let shaped = digits(whole) && digits(fraction) && whole.len() + fraction.len() > 0;
    let float = (shaped && exponent.is_none_or(counts)).then(|| text.parse::<f64>().ok())??;
    float.is_finite().then_some(float)
}

/// sigs.k8s.io/yaml writes a float that is a key as Go's `%g` does for 32 bits, so `1000000.0` is `1e+06`.
fn float_key(float: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the narrowing is kubectl's rule")]
    let float = float as f32;
    if float.is_nan() {
        return ".nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.abs())
        }
        _ => float.to_string(),
    }
}
