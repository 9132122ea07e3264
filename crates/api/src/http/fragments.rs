use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{FragmentDefinition, Selection, SelectionSet},
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// A fragment that spreads itself, directly or through others: expanding it would never end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FragmentCycle {
    pub(crate) name: String,
    pub(crate) at: Pos,
}

/// The fragments in an order in which each stands behind all that it spreads. Spreads of unknown fragments are left to
/// validation. A depth-first search with its own stack: a chain of fragments may be as long as the document.
pub(crate) fn fragments_leaves_first(
    fragments: &Fragments,
) -> Result<Vec<(&str, &Positioned<FragmentDefinition>)>, FragmentCycle> {
    let mut marks: HashMap<&str, Mark> = HashMap::with_capacity(fragments.len());
    let mut sorted = Vec::with_capacity(fragments.len());
    for root in fragments.keys() {
        let mut stack = vec![Step::Enter(root.as_str())];
        while let Some(step) = stack.pop() {
            let (Step::Enter(name) | Step::Leave(name)) = step;
            let Some(fragment) = fragments.get(name) else { continue };
            match (&step, marks.get(name)) {
                (Step::Leave(_), _) => {
                    marks.insert(name, Mark::Done);
                    sorted.push((name, fragment));
                }
                (Step::Enter(_), Some(Mark::Done)) => {}
                (Step::Enter(_), Some(Mark::Open)) => {
                    return Err(FragmentCycle { name: name.to_owned(), at: fragment.pos });
                }
                (Step::Enter(_), None) => {
                    marks.insert(name, Mark::Open);
                    stack.push(Step::Leave(name));
                    let mut spreads = Vec::new();
                    collect_spreads(&fragment.node.selection_set.node, &mut spreads);
                    spreads.sort_unstable();
                    spreads.dedup();
                    stack.extend(spreads.into_iter().map(Step::Enter));
                }
            }
        }
    }
    Ok(sorted)
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Enter(&'a str),
    Leave(&'a str),
}

enum Mark {
    Open,
    Done,
}

/// Recurses into nested selections only, as deep as the lexer's cap allows.
fn collect_spreads<'a>(set: &'a SelectionSet, into: &mut Vec<&'a str>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect_spreads(&field.node.selection_set.node, into),
            Selection::InlineFragment(inline) => collect_spreads(&inline.node.selection_set.node, into),
            Selection::FragmentSpread(spread) => into.push(spread.node.fragment_name.node.as_str()),
        }
    }
}
