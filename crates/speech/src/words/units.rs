//! Units of measure, currencies and multipliers: how they are written and how they are said.

use super::numerals::{Case, Gender, form};

/// A noun that a number counts.
#[derive(Debug)]
pub(crate) struct Noun {
    /// One, two and five of it, in Russian: `рубль`, `рубля`, `рублей`.
    pub(crate) ru: [&'static str; 3],
    pub(crate) gender: Gender,
    /// One and several, in English.
    pub(crate) en: [&'static str; 2],
}

/// A noun by the signs it is written with.
#[derive(Debug)]
pub(crate) struct Unit {
    signs: &'static [&'static str],
    pub(crate) noun: Noun,
}

/// A currency and its hundredth.
#[derive(Debug)]
pub(crate) struct Currency {
    signs: &'static [&'static str],
    pub(crate) noun: Noun,
    pub(crate) cent: Noun,
}

impl Noun {
    /// The Russian noun after a whole number.
    pub(crate) fn after(&self, number: u64, case: Case) -> String {
        let [one, few, many] = self.ru;
        match (case, form(number)) {
            (Case::Genitive, 0) => few.to_owned(),
            (Case::Genitive, _) => many.to_owned(),
            (Case::Accusative, 0) if self.gender == Gender::Feminine => accusative(one),
            (_, form) => [one, few, many].get(form).copied().unwrap_or(many).to_owned(),
        }
    }

    /// The English noun after a number.
    pub(crate) fn counted(&self, is_one: bool) -> &'static str {
        if is_one { self.en[0] } else { self.en[1] }
    }
}

/// `минута` to `минуту`: the first word alone changes (`тонна в год`).
fn accusative(noun: &str) -> String {
    let (first, rest) = noun.split_once(' ').map_or((noun, ""), |(first, rest)| (first, rest));
    let first = match first.strip_suffix('а') {
        Some(stem) => format!("{stem}у"),
        None => first.strip_suffix('я').map_or(first.to_owned(), |stem| format!("{stem}ю")),
    };
    if rest.is_empty() { first } else { format!("{first} {rest}") }
}

pub(crate) fn unit(sign: &str) -> Option<&'static Noun> {
    UNITS.iter().find(|unit| unit.signs.contains(&sign)).map(|unit| &unit.noun)
}

pub(crate) fn currency(sign: &str) -> Option<&'static Currency> {
    CURRENCIES.iter().find(|currency| currency.signs.contains(&sign))
}

/// Thousands, millions and so on, as they are shortened.
pub(crate) fn multiplier(sign: &str) -> Option<&'static Noun> {
    MULTIPLIERS.iter().find(|unit| unit.signs.contains(&sign)).map(|unit| &unit.noun)
}

const fn noun(ru: [&'static str; 3], gender: Gender, en: [&'static str; 2]) -> Noun {
    Noun { ru, gender, en }
}

const fn he(signs: &'static [&'static str], ru: [&'static str; 3], en: [&'static str; 2]) -> Unit {
    Unit { signs, noun: noun(ru, Gender::Masculine, en) }
}

const fn she(signs: &'static [&'static str], ru: [&'static str; 3], en: [&'static str; 2]) -> Unit {
    Unit { signs, noun: noun(ru, Gender::Feminine, en) }
}

const MULTIPLIERS: &[Unit] = &[
    she(&["тыс", "тыс."], ["тысяча", "тысячи", "тысяч"], ["thousand", "thousand"]),
    he(&["млн", "млн.", "mln", "million"], ["миллион", "миллиона", "миллионов"], ["million", "million"]),
    he(&["млрд", "млрд.", "bn", "billion"], ["миллиард", "миллиарда", "миллиардов"], ["billion", "billion"]),
    he(&["трлн", "трлн.", "tn", "trillion"], ["триллион", "триллиона", "триллионов"], ["trillion", "trillion"]),
];

const CENT: Noun = noun(["цент", "цента", "центов"], Gender::Masculine, ["cent", "cents"]);

const CURRENCIES: &[Currency] = &[
    Currency {
        signs: &["₽", "руб", "руб.", "р.", "RUB"],
        noun: noun(["рубль", "рубля", "рублей"], Gender::Masculine, ["ruble", "rubles"]),
        cent: noun(["копейка", "копейки", "копеек"], Gender::Feminine, ["kopeck", "kopecks"]),
    },
    Currency {
        signs: &["$", "USD"],
        noun: noun(["доллар", "доллара", "долларов"], Gender::Masculine, ["dollar", "dollars"]),
        cent: CENT,
    },
    Currency {
        signs: &["€", "EUR"],
        noun: noun(["евро", "евро", "евро"], Gender::Masculine, ["euro", "euros"]),
        cent: CENT,
    },
    Currency {
        signs: &["£", "GBP"],
        noun: noun(["фунт", "фунта", "фунтов"], Gender::Masculine, ["pound", "pounds"]),
        cent: noun(["пенс", "пенса", "пенсов"], Gender::Masculine, ["penny", "pence"]),
    },
    Currency {
        signs: &["¥", "CNY", "JPY"],
        noun: noun(["юань", "юаня", "юаней"], Gender::Masculine, ["yuan", "yuan"]),
        cent: noun(["фэнь", "фэня", "фэней"], Gender::Masculine, ["fen", "fen"]),
    },
    Currency {
        signs: &["₸", "KZT"],
        noun: noun(["тенге", "тенге", "тенге"], Gender::Masculine, ["tenge", "tenge"]),
        cent: noun(["тиын", "тиына", "тиынов"], Gender::Masculine, ["tiyn", "tiyn"]),
    },
    Currency {
        signs: &["₴", "UAH"],
        noun: noun(["гривна", "гривны", "гривен"], Gender::Feminine, ["hryvnia", "hryvnias"]),
        cent: noun(["копейка", "копейки", "копеек"], Gender::Feminine, ["kopeck", "kopecks"]),
    },
];

const UNITS: &[Unit] = &[
    he(&["%"], ["процент", "процента", "процентов"], ["percent", "percent"]),
    she(&["‰"], ["промилле", "промилле", "промилле"], ["per mille", "per mille"]),
    he(&["°", "град."], ["градус", "градуса", "градусов"], ["degree", "degrees"]),
    he(
        &["°C", "°С", "℃"],
        ["градус Цельсия", "градуса Цельсия", "градусов Цельсия"],
        ["degree Celsius", "degrees Celsius"],
    ),
    he(
        &["°F", "℉"],
        ["градус Фаренгейта", "градуса Фаренгейта", "градусов Фаренгейта"],
        ["degree Fahrenheit", "degrees Fahrenheit"],
    ),
    // Length and area.
    he(&["км", "km"], ["километр", "километра", "километров"], ["kilometer", "kilometers"]),
    he(&["м", "m"], ["метр", "метра", "метров"], ["meter", "meters"]),
    he(&["см", "cm"], ["сантиметр", "сантиметра", "сантиметров"], ["centimeter", "centimeters"]),
    he(&["мм", "mm"], ["миллиметр", "миллиметра", "миллиметров"], ["millimeter", "millimeters"]),
    he(&["мкм", "µm", "μm"], ["микрометр", "микрометра", "микрометров"], ["micrometer", "micrometers"]),
    he(&["нм", "nm"], ["нанометр", "нанометра", "нанометров"], ["nanometer", "nanometers"]),
    he(&["ft"], ["фут", "фута", "футов"], ["foot", "feet"]),
    he(&["дюйм.", "inch"], ["дюйм", "дюйма", "дюймов"], ["inch", "inches"]),
    she(&["mi"], ["миля", "мили", "миль"], ["mile", "miles"]),
    he(
        &["м²", "м2", "кв. м", "кв.м", "m²", "m2"],
        ["квадратный метр", "квадратных метра", "квадратных метров"],
        ["square meter", "square meters"],
    ),
    he(
        &["км²", "км2", "кв. км", "km²", "km2"],
        ["квадратный километр", "квадратных километра", "квадратных километров"],
        ["square kilometer", "square kilometers"],
    ),
    he(
        &["см²", "см2", "cm²"],
        ["квадратный сантиметр", "квадратных сантиметра", "квадратных сантиметров"],
        ["square centimeter", "square centimeters"],
    ),
    he(
        &["м³", "м3", "куб. м", "m³", "m3"],
        ["кубический метр", "кубических метра", "кубических метров"],
        ["cubic meter", "cubic meters"],
    ),
    he(&["га", "ha"], ["гектар", "гектара", "гектаров"], ["hectare", "hectares"]),
    he(&["л", "l", "L"], ["литр", "литра", "литров"], ["liter", "liters"]),
    he(&["мл", "ml", "mL"], ["миллилитр", "миллилитра", "миллилитров"], ["milliliter", "milliliters"]),
    // Speed.
    he(
        &["км/ч", "km/h", "kph"],
        ["километр в час", "километра в час", "километров в час"],
        ["kilometer per hour", "kilometers per hour"],
    ),
    he(
        &["м/с", "m/s"],
        ["метр в секунду", "метра в секунду", "метров в секунду"],
        ["meter per second", "meters per second"],
    ),
    she(&["mph"], ["миля в час", "мили в час", "миль в час"], ["mile per hour", "miles per hour"]),
    // Mass.
    he(&["кг", "kg"], ["килограмм", "килограмма", "килограммов"], ["kilogram", "kilograms"]),
    he(&["г", "г.", "гр", "гр.", "g"], ["грамм", "грамма", "граммов"], ["gram", "grams"]),
    he(&["мг", "mg"], ["миллиграмм", "миллиграмма", "миллиграммов"], ["milligram", "milligrams"]),
    he(&["мкг", "µg", "μg"], ["микрограмм", "микрограмма", "микрограммов"], ["microgram", "micrograms"]),
    she(&["т"], ["тонна", "тонны", "тонн"], ["ton", "tons"]),
    he(&["lb", "lbs"], ["фунт", "фунта", "фунтов"], ["pound", "pounds"]),
    she(&["oz"], ["унция", "унции", "унций"], ["ounce", "ounces"]),
    // Time.
    he(&["ч", "ч.", "h", "hr", "hrs"], ["час", "часа", "часов"], ["hour", "hours"]),
    she(&["мин", "мин.", "min"], ["минута", "минуты", "минут"], ["minute", "minutes"]),
    she(&["с", "сек", "сек.", "s", "sec"], ["секунда", "секунды", "секунд"], ["second", "seconds"]),
    she(&["мс", "ms"], ["миллисекунда", "миллисекунды", "миллисекунд"], ["millisecond", "milliseconds"]),
    she(&["мкс", "µs", "μs"], ["микросекунда", "микросекунды", "микросекунд"], ["microsecond", "microseconds"]),
    she(&["нс", "ns"], ["наносекунда", "наносекунды", "наносекунд"], ["nanosecond", "nanoseconds"]),
    // Data.
    he(&["бит", "bit"], ["бит", "бита", "бит"], ["bit", "bits"]),
    he(&["КБ", "Кб", "кБ", "KB", "kB", "KiB"], ["килобайт", "килобайта", "килобайт"], ["kilobyte", "kilobytes"]),
    he(&["МБ", "Мб", "MB", "MiB"], ["мегабайт", "мегабайта", "мегабайт"], ["megabyte", "megabytes"]),
    he(&["ГБ", "Гб", "GB", "GiB"], ["гигабайт", "гигабайта", "гигабайт"], ["gigabyte", "gigabytes"]),
    he(&["ТБ", "Тб", "TB", "TiB"], ["терабайт", "терабайта", "терабайт"], ["terabyte", "terabytes"]),
    he(
        &["Мбит/с", "Mbps", "Mbit/s", "Mb/s"],
        ["мегабит в секунду", "мегабита в секунду", "мегабит в секунду"],
        ["megabit per second", "megabits per second"],
    ),
    he(
        &["Гбит/с", "Gbps", "Gbit/s", "Gb/s"],
        ["гигабит в секунду", "гигабита в секунду", "гигабит в секунду"],
        ["gigabit per second", "gigabits per second"],
    ),
    he(
        &["МБ/с", "MB/s"],
        ["мегабайт в секунду", "мегабайта в секунду", "мегабайт в секунду"],
        ["megabyte per second", "megabytes per second"],
    ),
    he(&["px", "пикс."], ["пиксель", "пикселя", "пикселей"], ["pixel", "pixels"]),
    // Frequency, electricity, energy, pressure, sound.
    he(&["Гц", "Hz"], ["герц", "герца", "герц"], ["hertz", "hertz"]),
    he(&["кГц", "kHz"], ["килогерц", "килогерца", "килогерц"], ["kilohertz", "kilohertz"]),
    he(&["МГц", "MHz"], ["мегагерц", "мегагерца", "мегагерц"], ["megahertz", "megahertz"]),
    he(&["ГГц", "GHz"], ["гигагерц", "гигагерца", "гигагерц"], ["gigahertz", "gigahertz"]),
    he(&["В", "V"], ["вольт", "вольта", "вольт"], ["volt", "volts"]),
    he(&["Вт", "W"], ["ватт", "ватта", "ватт"], ["watt", "watts"]),
    he(&["кВт", "kW"], ["киловатт", "киловатта", "киловатт"], ["kilowatt", "kilowatts"]),
    he(&["МВт", "MW"], ["мегаватт", "мегаватта", "мегаватт"], ["megawatt", "megawatts"]),
    he(
        &["кВт·ч", "кВт⋅ч", "кВтч", "кВт*ч", "kWh"],
        ["киловатт-час", "киловатт-часа", "киловатт-часов"],
        ["kilowatt hour", "kilowatt hours"],
    ),
    he(
        &["мА·ч", "мАч", "mAh"],
        ["миллиампер-час", "миллиампер-часа", "миллиампер-часов"],
        ["milliampere hour", "milliampere hours"],
    ),
    he(&["дБ", "dB"], ["децибел", "децибела", "децибел"], ["decibel", "decibels"]),
    she(&["ккал", "kcal"], ["килокалория", "килокалории", "килокалорий"], ["kilocalorie", "kilocalories"]),
    he(&["кДж", "kJ"], ["килоджоуль", "килоджоуля", "килоджоулей"], ["kilojoule", "kilojoules"]),
    he(&["кПа", "kPa"], ["килопаскаль", "килопаскаля", "килопаскалей"], ["kilopascal", "kilopascals"]),
    he(
        &["мм рт. ст."],
        ["миллиметр ртутного столба", "миллиметра ртутного столба", "миллиметров ртутного столба"],
        ["millimeter of mercury", "millimeters of mercury"],
    ),
    she(&["шт", "шт."], ["штука", "штуки", "штук"], ["piece", "pieces"]),
    he(&["чел", "чел."], ["человек", "человека", "человек"], ["person", "people"]),
    she(&["стр."], ["страница", "страницы", "страниц"], ["page", "pages"]),
    she(&["коп", "коп."], ["копейка", "копейки", "копеек"], ["kopeck", "kopecks"]),
];
