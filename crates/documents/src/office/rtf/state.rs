//! What holds for the text of a group, and for the groups in it.

/// What the text of a group is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Destination {
    /// People read it.
    #[default]
    Text,
    /// The document's title.
    Title,
    /// The table of fonts.
    Fonts,
    /// Names of styles.
    Styles,
    /// A list item's bullet or number, as the program that wrote it shows it.
    Marker,
    /// Nobody reads it, but for groups in it that say that they are text.
    Wrapped,
    /// Nobody reads it, nor what is in it.
    Ignored,
}

/// Groups that hold no text of the document.
const IGNORED: &[&[u8]] = &[
    b"author",
    b"buptim",
    b"category",
    b"colortbl",
    b"comment",
    b"company",
    b"creatim",
    b"doccomm",
    b"fldinst",
    b"footer",
    b"footerf",
    b"footerl",
    b"footerr",
    b"header",
    b"headerf",
    b"headerl",
    b"headerr",
    b"hlinkbase",
    b"keywords",
    b"listoverridetable",
    b"listtable",
    b"manager",
    b"nonshppict",
    b"objdata",
    b"objclass",
    b"objname",
    b"operator",
    b"pict",
    b"printim",
    b"private",
    b"revtim",
    b"revtbl",
    b"shprslt",
    b"subject",
    b"template",
    b"tc",
    b"tcn",
    b"txe",
    b"rxe",
    b"xe",
];

/// Groups that a program may ignore if it does not know them, and that hold text all the same.
const KEPT: &[&[u8]] = &[b"annotation", b"footnote", b"shpinst", b"shptxt", b"shppict", b"nesttableprops"];

impl Destination {
    /// The destination that a word opens; nothing for a word that opens none, or one beside the text.
    pub(super) fn of(name: &[u8], ignorable: bool) -> Option<Self> {
        match name {
            b"fonttbl" => Some(Self::Fonts),
            b"stylesheet" => Some(Self::Styles),
            b"title" => Some(Self::Title),
            b"listtext" | b"pntext" => Some(Self::Marker),
            // `{\upr{in the code page}{\*\ud{in Unicode}}}`
            b"info" | b"shpinst" | b"upr" => Some(Self::Wrapped),
            b"ud" => Some(Self::Text),
            _ if IGNORED.contains(&name) => Some(Self::Ignored),
            _ if ignorable && !KEPT.contains(&name) => Some(Self::Ignored),
            _ => None,
        }
    }
}

/// What holds for the text of a group.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) destination: Destination,
    pub(super) hidden: bool,
    pub(super) font: i32,
    /// How many characters stand in for one in Unicode.
    pub(super) substitutes: u32,
    pub(super) style: i32,
    pub(super) heading: Option<u8>,
    pub(super) item: bool,
    pub(super) level: u8,
    pub(super) in_table: bool,
    /// Whether something beside the text began with this group.
    pub(super) aside: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            destination: Destination::Text,
            hidden: false,
            font: 0,
            substitutes: 1,
            style: 0,
            heading: None,
            item: false,
            level: 0,
            in_table: false,
            aside: false,
        }
    }
}

impl State {
    /// Whether text here is worth to be decoded.
    pub(super) fn is_read(&self) -> bool {
        !matches!(self.destination, Destination::Wrapped | Destination::Ignored | Destination::Fonts)
    }

    /// The properties of paragraphs are what they are without any.
    pub(super) const fn plain_paragraph(&mut self) {
        self.style = 0;
        self.heading = None;
        self.item = false;
        self.level = 0;
        self.in_table = false;
    }
}

/// The character that a word is.
pub(super) fn character(name: &[u8]) -> Option<&'static str> {
    Some(match name {
        b"tab" => "\t",
        b"line" | b"lbr" => "\n",
        b"emdash" => "—",
        b"endash" => "–",
        b"bullet" => "•",
        b"lquote" => "‘",
        b"rquote" => "’",
        b"ldblquote" => "“",
        b"rdblquote" => "”",
        b"emspace" | b"enspace" | b"qmspace" => " ",
        b"softline" | b"softcol" | b"softpage" => "",
        _ => return None,
    })
}
