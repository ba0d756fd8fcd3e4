"""OR-Tools' minimum-cost flow on a matrix that benches/peers.rs wrote.

Prints the median of the milliseconds that `solve` takes (arcs are added before, as arrays), and the total.
"""

import statistics
import sys
import time

import numpy
from ortools.graph.python import min_cost_flow

numbers = numpy.fromfile(sys.argv[1], dtype="<i4")
rows, columns, least, most = (int(number) for number in numbers[:4])
affinity = numbers[4:].astype(numpy.int64)
tails = numpy.repeat(numpy.arange(rows, dtype=numpy.int32), columns)
heads = numpy.tile(numpy.arange(rows, rows + columns, dtype=numpy.int32), rows)
sink = rows + columns
experts = numpy.arange(rows, sink, dtype=numpy.int32)
times = []
for _ in range(3):
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, numpy.ones(rows * columns, numpy.int64), -affinity)
    flow.add_arcs_with_capacity_and_unit_cost(
        experts, numpy.full(columns, sink, numpy.int32), numpy.full(columns, most - least), numpy.zeros(columns, numpy.int64)
    )
    # An expert keeps the least load, and sends on what is beyond.
    supplies = numpy.concatenate([numpy.full(rows, 3), numpy.full(columns, -least), [columns * least - 3 * rows]])
    flow.set_nodes_supplies(numpy.arange(sink + 1, dtype=numpy.int32), supplies)
    start = time.perf_counter()
    status = flow.solve()
    times.append((time.perf_counter() - start) * 1000)
    assert status == flow.OPTIMAL, status
print(statistics.median(times), -flow.optimal_cost())
