//! Which counts are hidden.
//!
//! Counts and their sums are a flow: of a table from a source through its rows and columns to a sink, and back
//! as the sum of all. Two tables that show the same differ by cycles of hidden counts, so a hidden count cannot
//! be computed if and only if such a cycle leads through it. For each small count the cheapest is hidden. What may be known of a hidden count is
//! that it is whole and not negative; and that it is not zero, while no zero is hidden.

#[cfg(test)]
mod tests;

/// A count as an edge of the flow.
#[derive(Debug, Clone)]
struct Edge {
    from: usize,
    to: usize,
    value: u32,
    /// Whether it is a sum: rows and columns are those that occur, so sums are known to be more than zero.
    is_sum: bool,
    hidden: bool,
}

/// The sum and the counts of a list, `None` where hidden.
pub(super) fn list(values: &[u32], least: u32) -> Vec<Option<u32>> {
    let mut edges = vec![sum(1, 0, values.iter().sum())];
    edges.extend(values.iter().map(|value| count(0, 1, *value)));
    hide(edges, 2, least)
}

/// The sum, the sums of the rows, of the columns, and the counts row by row, `None` where hidden.
pub(super) fn table(cells: &[Vec<u32>], columns: usize, least: u32) -> Vec<Option<u32>> {
    let (source, sink, first_row) = (0, 1, 2);
    let first_column = first_row + cells.len();
    let mut edges = vec![sum(sink, source, cells.iter().flatten().sum())];
    for (at, row) in cells.iter().enumerate() {
        edges.push(sum(source, first_row + at, row.iter().sum()));
    }
    for at in 0..columns {
        let column = cells.iter().filter_map(|row| row.get(at));
        edges.push(sum(first_column + at, sink, column.sum()));
    }
    for (at, row) in cells.iter().enumerate() {
        for (column, value) in row.iter().enumerate() {
            edges.push(count(first_row + at, first_column + column, *value));
        }
    }
    hide(edges, first_column + columns, least)
}

fn count(from: usize, to: usize, value: u32) -> Edge {
    Edge {
        from,
        to,
        value,
        is_sum: false,
        hidden: false,
    }
}

fn sum(from: usize, to: usize, value: u32) -> Edge {
    Edge {
        is_sum: true,
        ..count(from, to, value)
    }
}

fn hide(mut edges: Vec<Edge>, nodes: usize, least: u32) -> Vec<Option<u32>> {
    let is_small = |edge: &Edge| (1..least).contains(&edge.value);
    for edge in &mut edges {
        edge.hidden = is_small(edge);
    }
    for at in 0..edges.len() {
        if edges.get(at).is_some_and(is_small) {
            for another in cheapest_cycle(&edges, nodes, at) {
                if let Some(edge) = edges.get_mut(another) {
                    edge.hidden = true;
                }
            }
        }
    }
    let shown = edges.into_iter();
    shown
        .map(|edge| (!edge.hidden).then_some(edge.value))
        .collect()
}

/// The other edges of the cheapest cycle through the edge at `at`, hidden ones and those that have to be: once
/// they are hidden, one unit more or less may have gone round it. Hiding more later only adds cycles.
fn cheapest_cycle(edges: &[Edge], nodes: usize, at: usize) -> Vec<usize> {
    let Some(edge) = edges.get(at) else {
        return Vec::new();
    };
    let zero_hidden = edges.iter().any(|edge| edge.hidden && edge.value == 0);
    let sums_occur = edges.iter().all(|edge| !edge.is_sum || edge.value > 0);
    let least = |edge: &Edge| u32::from(!zero_hidden || edge.is_sum && sums_occur);
    let all = u64::from(edges.first().map_or(0, |sum| sum.value)) + 1;
    let mut steps = Vec::new();
    for (number, other) in edges.iter().enumerate().filter(|(number, _)| *number != at) {
        let cost = other.cost(all);
        steps.push(Step {
            number,
            from: other.from,
            to: other.to,
            cost,
        });
        if other.value > least(other) {
            steps.push(Step {
                number,
                from: other.to,
                to: other.from,
                cost,
            });
        }
    }
    let more = cheapest_way(&steps, nodes, edge.to, edge.from);
    let less = cheapest_way(&steps, nodes, edge.from, edge.to).filter(|_| edge.value > least(edge));
    let ways = more.into_iter().chain(less);
    ways.min().map(|(_, numbers)| numbers).unwrap_or_default()
}

impl Edge {
    /// What is lost by hiding it: counts before zeros, which betray that zeros are hidden, and both before
    /// sums; the fewest, then the smallest. `all` is more than any count.
    fn cost(&self, all: u64) -> u64 {
        match self {
            Edge { hidden: true, .. } => 0,
            Edge { is_sum: true, .. } => 100 * all + u64::from(self.value),
            Edge { value: 0, .. } => 10 * all,
            _ => all + u64::from(self.value),
        }
    }
}

/// A unit more (along an edge) or less (against it).
struct Step {
    number: usize,
    from: usize,
    to: usize,
    cost: u64,
}

/// The cost of the cheapest way and the edges it takes (Bellman and Ford; the graphs are small).
fn cheapest_way(steps: &[Step], nodes: usize, from: usize, to: usize) -> Option<(u64, Vec<usize>)> {
    let mut best: Vec<Option<(u64, Vec<usize>)>> = vec![None; nodes];
    *best.get_mut(from)? = Some((0, Vec::new()));
    loop {
        let mut changed = false;
        for step in steps {
            let Some(Some((cost, way))) = best.get(step.from) else {
                continue;
            };
            let cost = cost + step.cost;
            let better = |known: &Option<(u64, Vec<usize>)>| {
                known.as_ref().is_none_or(|(known, _)| cost < *known)
            };
            if best.get(step.to).is_some_and(better) {
                let way = way.iter().copied().chain([step.number]).collect();
                *best.get_mut(step.to)? = Some((cost, way));
                changed = true;
            }
        }
        if !changed {
            return best.get_mut(to)?.take();
        }
    }
}
