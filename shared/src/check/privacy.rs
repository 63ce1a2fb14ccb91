//! Telephone and identity numbers in free text (DOMAIN §4.1). They do not belong into a record that
//! colleagues read and whose history keeps everything; the person is offered to move them into the
//! sealed record.

/// The text for a telephone number.
pub const TELEPHONE: &str = "check.telephone";
/// The text for an identity number.
pub const IDENTITY: &str = "check.identity";

const TELEPHONE_DIGITS: usize = 11;
const IDENTITY_DIGITS: usize = 18;
/// Blanks and dashes within a number: 138-1234-5678, 520303 19600101 1234.
const SEPARATORS_MAX: usize = 4;
/// China's country code, as it is typed before a number.
const COUNTRY: [&str; 4] = ["+86", "+86 ", "0086", "86"];

/// What a slip looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlipKind {
    /// A mobile telephone number.
    Telephone,
    /// A citizen's identity number, checksum included.
    Identity,
}

impl SlipKind {
    /// The key of the words for people.
    pub fn text_key(self) -> &'static str {
        match self {
            SlipKind::Telephone => TELEPHONE,
            SlipKind::Identity => IDENTITY,
        }
    }
}

/// A number found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip<'a> {
    pub kind: SlipKind,
    /// Where it begins, in bytes.
    pub at: usize,
    /// As it was typed.
    pub typed: &'a str,
}

impl Slip<'_> {
    /// Enough to find it again, too little to use it: `138…78`.
    pub fn shown(&self) -> String {
        let digits: Vec<char> = self.typed.chars().filter_map(digit).collect();
        let (head, tail) = (digits.iter().take(3), digits.iter().skip(digits.len().saturating_sub(2)));
        head.chain([&'…']).chain(tail).collect()
    }
}

/// The numbers in a text, in order.
pub fn slips(text: &str) -> Vec<Slip<'_>> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        match slip_at(&letters, at) {
            Some((kind, end)) => {
                let till = letters.get(end).map_or(text.len(), |(byte, _)| *byte);
                let from = letters[at].0;
                found.push(Slip { kind, at: from, typed: &text[from..till] });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// A text without its telephone numbers, and these as digits: they go into the sealed record, which takes no others.
pub fn without_telephones(text: &str) -> (String, Vec<String>) {
    let (mut kept, mut numbers, mut till) = (String::new(), Vec::new(), 0);
    for slip in slips(text).into_iter().filter(|slip| slip.kind == SlipKind::Telephone) {
        kept.push_str(&text[till..slip.at]);
        if let Some(before) = COUNTRY.iter().find_map(|code| kept.strip_suffix(code)) {
            kept.truncate(before.len());
        }
        numbers.push(slip.typed.chars().filter_map(number).collect());
        till = slip.at + slip.typed.len();
    }
    kept.push_str(&text[till..]);
    (kept, numbers)
}

/// A number that begins here, and where it ends.
fn slip_at(letters: &[(usize, char)], at: usize) -> Option<(SlipKind, usize)> {
    if !begins(letters, at) {
        return None;
    }
    let identity = read(letters, at, IDENTITY_DIGITS).filter(|(digits, _)| is_identity(digits));
    if let Some((_, end)) = identity {
        return Some((SlipKind::Identity, end));
    }
    let telephone = read(letters, at, TELEPHONE_DIGITS).filter(|(digits, _)| is_telephone(digits));
    telephone.map(|(_, end)| (SlipKind::Telephone, end))
}

/// Whether no number goes on here: nothing before it but a country code.
fn begins(letters: &[(usize, char)], at: usize) -> bool {
    let before: String = letters[..at].iter().rev().map_while(|(_, letter)| number(*letter)).collect();
    number(letters[at].1).is_some() && matches!(before.as_str(), "" | "68" | "6800")
}

/// As many digits from here, with blanks and dashes between, and where they end; `None` if there are
/// fewer, or more.
fn read(letters: &[(usize, char)], at: usize, count: usize) -> Option<(Vec<char>, usize)> {
    let mut digits = Vec::with_capacity(count);
    let (mut end, mut separators, mut separated) = (at, 0, false);
    while digits.len() < count {
        let letter = letters.get(end)?.1;
        match digit(letter) {
            Some(digit) if digit != 'X' || digits.len() + 1 == count => {
                digits.push(digit);
                separated = false;
            }
            None if is_separator(letter) && !separated && separators < SEPARATORS_MAX => {
                separators += 1;
                separated = true;
            }
            _ => return None,
        }
        end += 1;
    }
    let goes_on = letters.get(end).is_some_and(|(_, letter)| number(*letter).is_some());
    (!goes_on).then_some((digits, end))
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '\u{a0}' | '－' | '–' | '—' | '\u{3000}')
}

/// A digit of a telephone or identity number, also in full width.
fn digit(letter: char) -> Option<char> {
    match letter {
        'x' | 'X' | 'Ｘ' | 'ｘ' => Some('X'),
        _ => number(letter),
    }
}

fn number(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')),
        _ => None,
    }
}

fn is_telephone(digits: &[char]) -> bool {
    matches!(digits, ['1', '3'..='9', ..]) && !digits.contains(&'X')
}

/// GB 11643: the last of 18 is the checksum of the others (ISO 7064, MOD 11-2).
fn is_identity(digits: &[char]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let sum: Option<u32> = digits.iter().zip(WEIGHTS).map(|(digit, weight)| Some(digit.to_digit(10)? * weight)).sum();
    sum.is_some_and(|sum| digits.last() == Some(&CHECKS[sum as usize % 11]))
}
