//! Markdown to the blocks of BlockNote's default schema.
//!
//! ```json
//! [{"id": "…", "type": "paragraph", "props": {}, "children": [],
//!   "content": [{"type": "text", "text": "Hi", "styles": {"bold": true}}]}]
//! ```
//!
//! Paragraphs, headings (the levels below 3 as 3), bullet, numbered and check lists, code, quotes,
//! and bold, italic, strike, code and links within them. Images become links; what else Markdown
//! has stays as its text. A link whose URL blocks may not hold stays as its text, too.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::block_url;

/// How deep lists nest in blocks. What is nested deeper continues at this depth, so that reading
/// the blocks recursively is safe.
const MAX_NESTING: usize = 32;

/// The deepest heading that every version of the editor knows.
const MAX_HEADING_LEVEL: u8 = 3;

/// Blocks with the content of `markdown`, which may be any text. Ids are fresh.
pub(super) fn convert(markdown: &str) -> Json {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut builder = Builder::default();
    for event in Parser::new_ext(markdown, options) {
        builder.read(event);
    }
    builder.finish_text();
    Json::Array(builder.blocks)
}

/// The blocks so far, and what is still open.
#[derive(Default)]
struct Builder {
    blocks: Vec<Json>,
    /// The list items around the current place, outermost first; at most `MAX_NESTING`.
    items: Vec<Item>,
    /// How many list items of the Markdown are around the current place.
    item_depth: usize,
    /// The lists around the current place, outermost first.
    lists: Vec<List>,
    quote_depth: usize,
    inline: Inline,
}

/// A list whose end is still to come.
enum List {
    Bullets,
    /// `start` is the number of the next item where that is not what one expects.
    Numbered {
        start: Option<u64>,
    },
}

impl List {
    fn new(first_number: Option<u64>) -> Self {
        match first_number {
            None => Self::Bullets,
            Some(number) => Self::Numbered { start: Some(number).filter(|number| *number != 1) },
        }
    }
}

/// A list item whose end is still to come.
struct Item {
    block_type: &'static str,
    props: Json,
    content: Option<Vec<Json>>,
    children: Vec<Json>,
}

impl Builder {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.inline.push_text(&text),
            Event::Code(code) => self.inline.push_code(&code),
            Event::SoftBreak => self.inline.push_text(" "),
            Event::HardBreak => self.inline.push_text("\n"),
            Event::Rule => {
                self.inline.push_text("---");
                self.finish_text();
            }
            Event::TaskListMarker(is_checked) => {
                if let Some(item) = self.items.last_mut() {
                    item.block_type = "checkListItem";
                    item.props = json!({"checked": is_checked});
                }
            }
            // Of options that are off.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.inline.push_text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Emphasis => self.inline.italic += 1,
            Tag::Strong => self.inline.bold += 1,
            Tag::Strikethrough => self.inline.strike += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.inline.open_link(&dest_url),
            block => {
                // The text of a tight list item has no paragraph around it that would end here.
                self.finish_text();
                self.start_block(&block);
            }
        }
    }

    fn start_block(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => self.quote_depth += 1,
            Tag::List(first_number) => self.lists.push(List::new(*first_number)),
            Tag::Item => self.open_item(),
            Tag::CodeBlock(kind) => self.inline.language = Some(language(kind)),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis => self.inline.italic -= 1,
            TagEnd::Strong => self.inline.bold -= 1,
            TagEnd::Strikethrough => self.inline.strike -= 1,
            TagEnd::Link | TagEnd::Image => self.inline.close_link(),
            TagEnd::Heading(level) => {
                let level = (level as u8).min(MAX_HEADING_LEVEL);
                let content = self.inline.take();
                self.push(block("heading", json!({"level": level}), content, Vec::new()));
            }
            TagEnd::CodeBlock => {
                let language = self.inline.language.take();
                let content = self.inline.take();
                self.push(block("codeBlock", json!({"language": language}), content, Vec::new()));
            }
            TagEnd::BlockQuote(_) => {
                self.finish_text();
                self.quote_depth -= 1;
            }
            TagEnd::Item => self.close_item(),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            _ => self.finish_text(),
        }
    }

    fn open_item(&mut self) {
        self.item_depth += 1;
        if MAX_NESTING < self.item_depth {
            self.push_item();
        }
        let (block_type, props) = match self.lists.last_mut() {
            Some(List::Numbered { start }) => {
                ("numberedListItem", start.take().map_or(json!({}), |start| json!({"start": start})))
            }
            _ => ("bulletListItem", json!({})),
        };
        self.items.push(Item { block_type, props, content: None, children: Vec::new() });
    }

    fn close_item(&mut self) {
        self.finish_text();
        self.item_depth -= 1;
        // At the deepest level an item stands for those around it as well, and ends with them.
        if self.item_depth < MAX_NESTING {
            self.push_item();
        }
    }

    fn push_item(&mut self) {
        if let Some(Item { block_type, props, content, children }) = self.items.pop() {
            self.push(block(block_type, props, content.unwrap_or_default(), children));
        }
    }

    /// Ends the current text: it is the content of a list item that has none, or a block.
    fn finish_text(&mut self) {
        let content = self.inline.take();
        if content.is_empty() {
            return;
        }
        match self.items.last_mut() {
            Some(item) if item.content.is_none() => item.content = Some(content),
            _ => {
                let block_type = if self.quote_depth > 0 { "quote" } else { "paragraph" };
                self.push(block(block_type, json!({}), content, Vec::new()));
            }
        }
    }

    fn push(&mut self, block: Json) {
        match self.items.last_mut() {
            Some(item) => item.children.push(block),
            None => self.blocks.push(block),
        }
    }
}

/// Text with styles and links.
#[derive(Default)]
struct Inline {
    content: Vec<Json>,
    bold: usize,
    italic: usize,
    strike: usize,
    /// In a code block: its language. Its text has no styles.
    language: Option<String>,
    /// The link that is open: its URL, and what stood before it.
    link: Option<(String, Vec<Json>)>,
    /// For each link or image around the current place, whether it is the one that is open.
    links: Vec<bool>,
}

impl Inline {
    fn push_text(&mut self, text: &str) {
        let styles = if self.language.is_some() { json!({}) } else { self.styles() };
        self.push(text, styles);
    }

    fn push_code(&mut self, code: &str) {
        let mut styles = self.styles();
        styles["code"] = true.into();
        self.push(code, styles);
    }

    fn styles(&self) -> Json {
        let styles = [("bold", self.bold), ("italic", self.italic), ("strike", self.strike)];
        let active = styles.into_iter().filter(|(_, depth)| *depth > 0);
        Json::Object(active.map(|(style, _)| (style.to_owned(), true.into())).collect::<Map<_, _>>())
    }

    /// Adds text, to the text before it if that has the same styles.
    fn push(&mut self, text: &str, styles: Json) {
        if let Some(last) = self.content.last_mut()
            && last["styles"] == styles
            && let Json::String(before) = &mut last["text"]
        {
            before.push_str(text);
        } else if !text.is_empty() {
            self.content.push(json!({"type": "text", "text": text, "styles": styles}));
        }
    }

    fn open_link(&mut self, url: &str) {
        let opens = self.link.is_none() && !url.is_empty() && block_url::is_allowed(url);
        if opens {
            self.link = Some((url.to_owned(), std::mem::take(&mut self.content)));
        }
        self.links.push(opens);
    }

    fn close_link(&mut self) {
        if self.links.pop() != Some(true) {
            return;
        }
        if let Some((href, before)) = self.link.take() {
            if self.content.is_empty() {
                self.push_text(&href);
            }
            let content = std::mem::replace(&mut self.content, before);
            self.content.push(json!({"type": "link", "href": href, "content": content}));
        }
    }

    /// The content so far, without line ends behind it.
    fn take(&mut self) -> Vec<Json> {
        let mut content = std::mem::take(&mut self.content);
        if let Some(Json::String(text)) = content.last_mut().and_then(|last| last.get_mut("text")) {
            text.truncate(text.trim_end_matches('\n').len());
        }
        content.retain(|item| item["text"] != "");
        content
    }
}

fn block(block_type: &str, props: Json, content: Vec<Json>, children: Vec<Json>) -> Json {
    let id = Uuid::new_v4().to_string();
    json!({"id": id, "type": block_type, "props": props, "content": content, "children": children})
}

/// The first word after the fence; `text` where there is none.
fn language(kind: &CodeBlockKind<'_>) -> String {
    let info = match kind {
        CodeBlockKind::Fenced(info) => info,
        CodeBlockKind::Indented => "",
    };
    info.split_whitespace().next().unwrap_or("text").to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::field_type::markdown_from_blocks;

    /// A block as `type props content children`, without its id, so that cases stay readable.
    fn outline(block: &Json) -> String {
        let content = block["content"].as_array().unwrap().iter().map(outline_inline).collect::<String>();
        let props = if block["props"] == json!({}) { String::new() } else { block["props"].to_string() };
        let children = block["children"].as_array().unwrap().iter().map(outline).collect::<Vec<_>>();
        let children =
            if children.is_empty() { String::new() } else { format!(" [{}]", children.join(", ")) };
        format!("{}{props} {content:?}{children}", block["type"].as_str().unwrap())
    }

    fn outline_inline(item: &Json) -> String {
        if item["type"] == "link" {
            let content = item["content"].as_array().unwrap().iter().map(outline_inline).collect::<String>();
            return format!("<{} {content}>", item["href"].as_str().unwrap());
        }
        let styles = item["styles"].as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
        let text = item["text"].as_str().unwrap();
        if styles.is_empty() { text.into() } else { format!("{{{}: {text}}}", styles.join("+")) }
    }

    #[test]
    fn markdown_becomes_blocks() {
        let cases: [(&str, &[&str]); 31] = [
            ("", &[]),
            ("\n \n", &[]),
            ("Hi", &[r#"paragraph "Hi""#]),
            ("One\n\nTwo", &[r#"paragraph "One""#, r#"paragraph "Two""#]),
            ("One\nTwo", &[r#"paragraph "One Two""#]),
            ("One\\\nTwo", &[r#"paragraph "One\nTwo""#]),
            ("Gate is **open**", &[r#"paragraph "Gate is {bold: open}""#]),
            ("*a* ~~b~~ `c` ***d***", &[r#"paragraph "{italic: a} {strike: b} {code: c} {bold+italic: d}""#]),
            ("**a `b`**", &[r#"paragraph "{bold: a }{bold+code: b}""#]),
            ("AT&amp;T \\*x\\*", &[r#"paragraph "AT&T *x*""#]),
            ("# A", &[r#"heading{"level":1} "A""#]),
            ("### A **b**", &[r#"heading{"level":3} "A {bold: b}""#]),
            ("###### A", &[r#"heading{"level":3} "A""#]),
            ("- a\n- b", &[r#"bulletListItem "a""#, r#"bulletListItem "b""#]),
            ("- a\n\n- b", &[r#"bulletListItem "a""#, r#"bulletListItem "b""#]),
            ("1. a\n2. b", &[r#"numberedListItem "a""#, r#"numberedListItem "b""#]),
            ("4. a\n5. b", &[r#"numberedListItem{"start":4} "a""#, r#"numberedListItem "b""#]),
            (
                "- [ ] a\n- [x] b",
                &[r#"checkListItem{"checked":false} "a""#, r#"checkListItem{"checked":true} "b""#],
            ),
            (
                "- a\n  - b\n    1. c\n- d",
                &[
                    r#"bulletListItem "a" [bulletListItem "b" [numberedListItem "c"]]"#,
                    r#"bulletListItem "d""#,
                ],
            ),
            ("- a\n\n  b", &[r#"bulletListItem "a" [paragraph "b"]"#]),
            ("> a\n>\n> b\n\nc", &[r#"quote "a""#, r#"quote "b""#, r#"paragraph "c""#]),
            ("```rust\nfn a() {}\n\nb\n```", &[r#"codeBlock{"language":"rust"} "fn a() {}\n\nb""#]),
            ("```\n*a*\n```", &[r#"codeBlock{"language":"text"} "*a*""#]),
            ("    a", &[r#"codeBlock{"language":"text"} "a""#]),
            ("[a **b**](https://a.example)", &[r#"paragraph "<https://a.example a {bold: b}>""#]),
            ("see <https://a.example>.", &[r#"paragraph "see <https://a.example https://a.example>.""#]),
            ("![plan](/files/1)", &[r#"paragraph "</files/1 plan>""#]),
            ("![](/files/1)", &[r#"paragraph "</files/1 /files/1>""#]),
            ("[x](javascript:alert(1)) [y](a.md)", &[r#"paragraph "x y""#]),
            ("a\n\n---\n\nb", &[r#"paragraph "a""#, r#"paragraph "---""#, r#"paragraph "b""#]),
            (
                "a <b>c</b>\n\n<div>\nd\n</div>",
                &[r#"paragraph "a <b>c</b>""#, r#"paragraph "<div>\nd\n</div>""#],
            ),
        ];
        for (markdown, expected) in cases {
            let blocks = convert(markdown);
            let outlines: Vec<_> = blocks.as_array().unwrap().iter().map(outline).collect();
            assert_eq!(outlines, expected, "{markdown}");
        }
    }

    #[test]
    fn ids_are_unique() {
        let blocks = convert("- a\n  - b\n- c\n\nd");
        let text = blocks.to_string();
        let ids: Vec<_> = text.split("\"id\":\"").skip(1).map(|rest| &rest[..36]).collect();
        assert_eq!(ids.len(), 4);
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 4);
    }

    #[test]
    fn deep_markdown_stays_readable() {
        for (name, markdown) in [
            ("lists", (0..500).map(|depth| format!("{}- item\n", "  ".repeat(depth))).collect::<String>()),
            ("lists on a line", "- ".repeat(5_000) + "item"),
            ("quotes", ">".repeat(5_000) + " item"),
            ("emphasis", "*a ".repeat(5_000) + "item"),
            ("images", "![".repeat(5_000) + "item" + &"](/a)".repeat(5_000)),
            ("brackets", "[".repeat(20_000) + "item"),
        ] {
            let blocks = convert(&markdown).to_string();
            let read: Json = serde_json::from_str(&blocks).unwrap();
            assert!(read.to_string().contains("item"), "{name}");
        }
    }

    #[test]
    fn odd_markdown_converts_and_back() {
        let alphabet = [
            "a", " ", "  ", "\n", "\n\n", "*", "**", "_", "~~", "`", "```\n", "[", "](/a)", "![", "> ", "- ",
            "1. ", "- [x] ", "# ", "<b>", "&amp;", "\\", "\t", "\0", "é",
        ];
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = |bound: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % bound as u64) as usize
        };
        for _ in 0..2_000 {
            let markdown: String = (0..random(30)).map(|_| alphabet[random(alphabet.len())]).collect();
            let blocks = convert(&markdown);
            assert!(markdown_from_blocks::convert(&blocks).is_some(), "{markdown:?} {blocks}");
        }
    }
}
