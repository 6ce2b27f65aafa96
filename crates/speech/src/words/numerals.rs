//! Russian number words: cardinals that agree in case and gender, ordinals in every form. Up to
//! 999 999 999 999 999; a larger number has no words here and stays in digits.
//!
//! No library of the registry declines numerals: those that know Russian have the nominative alone.

/// The cases a number is said in. Where a sentence asks for another, the nominative stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Nominative,
    Genitive,
    Dative,
    Accusative,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gender {
    Masculine,
    Feminine,
    Neuter,
}

/// The largest number that has words.
pub(crate) const LARGEST: u64 = 999_999_999_999_999;

/// Which of the three forms of a noun goes with a number: `1 рубль`, `2 рубля`, `5 рублей`.
pub(crate) fn form(number: u64) -> usize {
    match (number % 10, number % 100) {
        (_, 11..=14) => 2,
        (1, _) => 0,
        (2..=4, _) => 1,
        _ => 2,
    }
}

/// A cardinal in words, `None` above [`LARGEST`].
pub(crate) fn cardinal(number: u64, case: Case, gender: Gender) -> Option<String> {
    if number > LARGEST {
        return None;
    }
    if number == 0 {
        return Some(pick(&["ноль", "ноля", "нолю"], case).to_owned());
    }
    let mut words = Vec::new();
    for (scale, noun) in SCALES {
        let group = number / scale % 1000;
        if group == 0 {
            continue;
        }
        // `тысяча` alone, without `одна`, is how it is said.
        if group > 1 || number >= scale * 1000 {
            let gender = if *scale == 1000 { Gender::Feminine } else { Gender::Masculine };
            below_thousand(group, case, gender, &mut words);
        }
        words.push(scaled(noun, group, case));
    }
    below_thousand(number % 1000, case, gender, &mut words);
    Some(words.join(" "))
}

/// Thousands and above: the nominative of one, two and five of them, then the genitive, dative and accusative.
const SCALES: &[(u64, Scale)] = &[
    (
        1_000_000_000_000,
        Scale {
            counted: ["триллион", "триллиона", "триллионов"],
            dative: ["триллиону", "триллионам"],
            accusative: "триллион",
        },
    ),
    (
        1_000_000_000,
        Scale {
            counted: ["миллиард", "миллиарда", "миллиардов"],
            dative: ["миллиарду", "миллиардам"],
            accusative: "миллиард",
        },
    ),
    (
        1_000_000,
        Scale {
            counted: ["миллион", "миллиона", "миллионов"],
            dative: ["миллиону", "миллионам"],
            accusative: "миллион",
        },
    ),
    (
        1_000,
        Scale {
            counted: ["тысяча", "тысячи", "тысяч"], dative: ["тысяче", "тысячам"], accusative: "тысячу"
        },
    ),
];

struct Scale {
    counted: [&'static str; 3],
    dative: [&'static str; 2],
    accusative: &'static str,
}

fn scaled(noun: &Scale, group: u64, case: Case) -> &'static str {
    let [one, few, many] = noun.counted;
    match (case, form(group)) {
        (Case::Nominative, 0) => one,
        (Case::Accusative, 0) => noun.accusative,
        (Case::Nominative | Case::Accusative, 1) | (Case::Genitive, 0) => few,
        (Case::Nominative | Case::Accusative | Case::Genitive, _) => many,
        (Case::Dative, 0) => noun.dative[0],
        (Case::Dative, _) => noun.dative[1],
    }
}

fn below_thousand(number: u64, case: Case, gender: Gender, words: &mut Vec<&'static str>) {
    words.extend(HUNDREDS.iter().find(|(value, _)| *value == number / 100 * 100).map(|(_, forms)| pick(forms, case)));
    let rest = number % 100;
    let (tens, ones) = if rest < 20 { (0, rest) } else { (rest / 10 * 10, rest % 10) };
    words.extend(plain(tens).map(|forms| pick(forms, case)));
    words.extend(match ones {
        1 => Some(one(case, gender)),
        2 if gender == Gender::Feminine && matches!(case, Case::Nominative | Case::Accusative) => Some("две"),
        _ => plain(ones).map(|forms| pick(forms, case)),
    });
}

fn one(case: Case, gender: Gender) -> &'static str {
    match (case, gender) {
        (Case::Nominative | Case::Accusative, Gender::Masculine) => "один",
        (Case::Nominative | Case::Accusative, Gender::Neuter) => "одно",
        (Case::Nominative, Gender::Feminine) => "одна",
        (Case::Accusative, Gender::Feminine) => "одну",
        (Case::Genitive | Case::Dative, Gender::Feminine) => "одной",
        (Case::Genitive, _) => "одного",
        (Case::Dative, _) => "одному",
    }
}

fn plain(number: u64) -> Option<&'static [&'static str; 3]> {
    PLAIN.iter().find(|(value, _)| *value == number).map(|(_, forms)| forms)
}

fn pick(forms: &[&'static str; 3], case: Case) -> &'static str {
    match case {
        Case::Nominative | Case::Accusative => forms[0],
        Case::Genitive => forms[1],
        Case::Dative => forms[2],
    }
}

/// Nominative, genitive, dative.
const PLAIN: &[(u64, [&str; 3])] = &[
    (2, ["два", "двух", "двум"]),
    (3, ["три", "трёх", "трём"]),
    (4, ["четыре", "четырёх", "четырём"]),
    (5, ["пять", "пяти", "пяти"]),
    (6, ["шесть", "шести", "шести"]),
    (7, ["семь", "семи", "семи"]),
    (8, ["восемь", "восьми", "восьми"]),
    (9, ["девять", "девяти", "девяти"]),
    (10, ["десять", "десяти", "десяти"]),
    (11, ["одиннадцать", "одиннадцати", "одиннадцати"]),
    (12, ["двенадцать", "двенадцати", "двенадцати"]),
    (13, ["тринадцать", "тринадцати", "тринадцати"]),
    (14, ["четырнадцать", "четырнадцати", "четырнадцати"]),
    (15, ["пятнадцать", "пятнадцати", "пятнадцати"]),
    (16, ["шестнадцать", "шестнадцати", "шестнадцати"]),
    (17, ["семнадцать", "семнадцати", "семнадцати"]),
    (18, ["восемнадцать", "восемнадцати", "восемнадцати"]),
    (19, ["девятнадцать", "девятнадцати", "девятнадцати"]),
    (20, ["двадцать", "двадцати", "двадцати"]),
    (30, ["тридцать", "тридцати", "тридцати"]),
    (40, ["сорок", "сорока", "сорока"]),
    (50, ["пятьдесят", "пятидесяти", "пятидесяти"]),
    (60, ["шестьдесят", "шестидесяти", "шестидесяти"]),
    (70, ["семьдесят", "семидесяти", "семидесяти"]),
    (80, ["восемьдесят", "восьмидесяти", "восьмидесяти"]),
    (90, ["девяносто", "девяноста", "девяноста"]),
];

const HUNDREDS: &[(u64, [&str; 3])] = &[
    (100, ["сто", "ста", "ста"]),
    (200, ["двести", "двухсот", "двумстам"]),
    (300, ["триста", "трёхсот", "трёмстам"]),
    (400, ["четыреста", "четырёхсот", "четырёмстам"]),
    (500, ["пятьсот", "пятисот", "пятистам"]),
    (600, ["шестьсот", "шестисот", "шестистам"]),
    (700, ["семьсот", "семисот", "семистам"]),
    (800, ["восемьсот", "восьмисот", "восьмистам"]),
    (900, ["девятьсот", "девятисот", "девятистам"]),
];

/// The beginning of a compound: `5-летний` is `пятилетний`, `90-дневный` is `девяностодневный`.
pub(crate) fn prefix(number: u64) -> Option<String> {
    match number {
        0 => None,
        1 => Some("одно".to_owned()),
        1000 => Some("тысяче".to_owned()),
        _ if number < 1000 => {
            let mut words = Vec::new();
            below_thousand(number, Case::Genitive, Gender::Masculine, &mut words);
            let unchanged = |word: &str| match word {
                "ста" => "сто".to_owned(),
                "девяноста" => "девяносто".to_owned(),
                "одного" => "одно".to_owned(),
                _ => word.to_owned(),
            };
            Some(words.into_iter().map(unchanged).collect())
        }
        _ => None,
    }
}

/// The form of an ordinal: how an adjective of that gender, number and case ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// `первый`
    Masculine,
    /// `первого`
    Genitive,
    /// `первому`
    Dative,
    /// `первым`
    Instrumental,
    /// `первом`
    Prepositional,
    /// `первая`
    Feminine,
    /// `первой`
    FeminineOblique,
    /// `первую`
    FeminineAccusative,
    /// `первое`
    Neuter,
    /// `первые`
    Plural,
    /// `первых`
    PluralGenitive,
    /// `первыми`
    PluralInstrumental,
}

impl Ending {
    /// The hard endings, and the soft ones that `третий` alone has.
    fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Masculine => ("ый", "ий"),
            Self::Genitive => ("ого", "ьего"),
            Self::Dative => ("ому", "ьему"),
            Self::Instrumental => ("ым", "ьим"),
            Self::Prepositional => ("ом", "ьем"),
            Self::Feminine => ("ая", "ья"),
            Self::FeminineOblique => ("ой", "ьей"),
            Self::FeminineAccusative => ("ую", "ью"),
            Self::Neuter => ("ое", "ье"),
            Self::Plural => ("ые", "ьи"),
            Self::PluralGenitive => ("ых", "ьих"),
            Self::PluralInstrumental => ("ыми", "ьими"),
        }
    }

    /// The ending that a written suffix stands for: `5-го`, `90-х`. `й` is masculine here.
    pub(crate) fn of_suffix(suffix: &str) -> Option<Self> {
        Some(match suffix {
            "й" | "ый" | "ий" => Self::Masculine,
            "го" | "ого" => Self::Genitive,
            "му" | "ому" => Self::Dative,
            "ым" => Self::Instrumental,
            "м" | "ом" => Self::Prepositional,
            "я" | "ая" => Self::Feminine,
            "ой" => Self::FeminineOblique,
            "ю" | "ую" => Self::FeminineAccusative,
            "е" | "ое" => Self::Neuter,
            "ые" => Self::Plural,
            "х" | "ых" => Self::PluralGenitive,
            "ми" | "ыми" => Self::PluralInstrumental,
            _ => return None,
        })
    }
}

/// An ordinal in words, `None` for what is above a million.
pub(crate) fn ordinal(number: u64, ending: Ending) -> Option<String> {
    if number >= 1_000_000 {
        return None;
    }
    // The last part takes the ending, those before it stay cardinals.
    let last = match (number % 1000, number % 100, number % 10) {
        (0, ..) if number > 0 => number,
        (hundreds, 0, _) if number > 0 => hundreds,
        (_, tens, _) if tens < 20 => tens,
        (_, tens, 0) => tens,
        (.., ones) => ones,
    };
    let stem = stem(last)?;
    let before = match number - last {
        0 => String::new(),
        before => cardinal(before, Case::Nominative, Gender::Masculine)? + " ",
    };
    let (hard, soft) = ending.text();
    let stressed = ending == Ending::Masculine && ENDS_STRESSED.contains(&stem.as_str());
    let ending = if stem == "трет" {
        soft
    } else if stressed {
        "ой"
    } else {
        hard
    };
    Some(format!("{before}{stem}{ending}"))
}

const ENDS_STRESSED: [&str; 6] = ["нулев", "втор", "шест", "седьм", "восьм", "сороков"];

fn stem(number: u64) -> Option<String> {
    if number >= 1000 {
        let thousands = number / 1000;
        return Some(if thousands == 1 { String::new() } else { prefix(thousands)? } + "тысячн");
    }
    let stem = match number {
        0 => "нулев",
        1 => "перв",
        2 => "втор",
        3 => "трет",
        4 => "четвёрт",
        7 => "седьм",
        8 => "восьм",
        40 => "сороков",
        90 => "девяност",
        100 => "сот",
        5..=30 => {
            let forms = plain(number)?;
            return forms[0].strip_suffix('ь').map(str::to_owned);
        }
        50..=80 => return plain(number)?[1].strip_suffix('и').map(str::to_owned),
        _ => return HUNDREDS.iter().find(|(value, _)| *value == number).map(|(_, forms)| forms[1].to_owned()),
    };
    Some(stem.to_owned())
}
