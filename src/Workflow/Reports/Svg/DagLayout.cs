namespace Workflow.Reports.Svg;

/// <summary>
/// Places a directed acyclic graph in layers (Sugiyama, Tagawa and Toda, 1981): longest-path ranks, way points for edges that pass a layer, barycentre sweeps against
/// crossings, then coordinates that pull each box towards its neighbours. Equal graphs are placed equally. Edges that would close a circle are left out.
/// </summary>
public sealed class DagLayout
{
    const int Sweeps = 12;
    readonly double space;
    readonly Dictionary<string, Vertex> boxes = new(StringComparer.Ordinal);
    readonly List<List<Vertex>> layers = [];
    readonly Dictionary<(Vertex From, int Layer), Vertex> trunks = [];

    /// <summary>Places a graph.</summary>
    /// <param name="ids">Boxes, in the order that decides ties.</param>
    /// <param name="edges">Edges between them; edges to unknown boxes and repeated edges are ignored.</param>
    /// <param name="boxWidth">Width of a box.</param>
    /// <param name="boxHeight">Height of a box.</param>
    /// <param name="gap">Space between boxes of a layer.</param>
    /// <param name="layerGap">Space between layers.</param>
    public DagLayout(IReadOnlyList<string> ids, IEnumerable<(string From, string To)> edges, double boxWidth, double boxHeight, double gap = 22, double layerGap = 34)
    {
        space = gap;
        foreach (var id in ids)
        {
            boxes.TryAdd(id, new Vertex(id, boxWidth));
        }

        var kept = new List<(Vertex From, Vertex To)>();
        foreach (var (from, to) in edges.Distinct())
        {
            if (from != to && boxes.TryGetValue(from, out var a) && boxes.TryGetValue(to, out var b) && !Reaches(b, a))
            {
                a.Next.Add(b);
                b.Before.Add(a);
                kept.Add((a, b));
            }
        }

        Rank();
        var routes = kept.Select(e => (e.From, e.To, Points: Route(e.From, e.To))).ToList();
        Order();
        Place();
        var left = layers.SelectMany(l => l).Select(v => v.X - (v.Width / 2)).DefaultIfEmpty(0).Min();
        Width = layers.SelectMany(l => l).Select(v => v.X + (v.Width / 2)).DefaultIfEmpty(0).Max() - left;
        Height = (layers.Count * boxHeight) + (Math.Max(0, layers.Count - 1) * layerGap);
        Boxes = ids.Distinct(StringComparer.Ordinal).ToDictionary(id => id, id => (boxes[id].X - left - (boxWidth / 2), boxes[id].Layer * (boxHeight + layerGap)), StringComparer.Ordinal);
        Edges = routes.Select(r => (r.From.Id, r.To.Id, (IReadOnlyList<(double, double)>)
        [
            (r.From.X - left, (r.From.Layer * (boxHeight + layerGap)) + boxHeight),
            .. r.Points.SelectMany(p => new[] { (p.X - left, p.Layer * (boxHeight + layerGap)), (p.X - left, (p.Layer * (boxHeight + layerGap)) + boxHeight) }),
            (r.To.X - left, r.To.Layer * (boxHeight + layerGap)),
        ])).ToList();
    }

    /// <summary>Width of the whole.</summary>
    public double Width { get; }

    /// <summary>Height of the whole.</summary>
    public double Height { get; }

    /// <summary>Top-left corner of each box.</summary>
    public IReadOnlyDictionary<string, (double X, double Y)> Boxes { get; }

    /// <summary>Way points of each edge, from the bottom of one box to the top of another.</summary>
    public IReadOnlyList<(string From, string To, IReadOnlyList<(double X, double Y)> Points)> Edges { get; }

    static bool Reaches(Vertex from, Vertex to)
    {
        var seen = new HashSet<Vertex> { from };
        var open = new Stack<Vertex>([from]);
        while (open.TryPop(out var vertex))
        {
            if (vertex == to)
            {
                return true;
            }

            foreach (var next in vertex.Next.Where(seen.Add))
            {
                open.Push(next);
            }
        }

        return false;
    }

    void Rank()
    {
        var waiting = boxes.Values.ToDictionary(v => v, v => v.Before.Count);
        var open = new Queue<Vertex>(boxes.Values.Where(v => v.Before.Count == 0));
        while (open.TryDequeue(out var vertex))
        {
            vertex.Layer = vertex.Before.Select(b => b.Layer + 1).DefaultIfEmpty(0).Max();
            foreach (var next in vertex.Next.Where(n => --waiting[n] == 0))
            {
                open.Enqueue(next);
            }
        }

        // A source that feeds only deep layers moves down to just above its first reader.
        foreach (var source in boxes.Values.Where(v => v.Before.Count == 0 && v.Next.Count > 0))
        {
            source.Layer = source.Next.Min(n => n.Layer) - 1;
        }

        foreach (var vertex in boxes.Values)
        {
            Layer(vertex.Layer).Add(vertex);
        }
    }

    List<Vertex> Layer(int index)
    {
        while (layers.Count <= index)
        {
            layers.Add([]);
        }

        return layers[index];
    }

    // Edges that leave the same box share their way points: one trunk that branches off at each reader.
    List<Vertex> Route(Vertex from, Vertex to)
    {
        var points = new List<Vertex>();
        var last = from;
        for (var layer = from.Layer + 1; layer < to.Layer; layer++)
        {
            if (!trunks.TryGetValue((from, layer), out var point))
            {
                point = new Vertex("", 6) { Layer = layer };
                trunks.Add((from, layer), point);
                Layer(layer).Add(point);
                Link(last, point);
            }

            points.Add(point);
            last = point;
        }

        Link(last, to);
        return points;
    }

    static void Link(Vertex upper, Vertex lower)
    {
        upper.Below.Add(lower);
        lower.Above.Add(upper);
    }

    void Order()
    {
        foreach (var layer in layers)
        {
            Number(layer);
        }

        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var down = sweep % 2 == 0;
            foreach (var layer in down ? layers : Enumerable.Reverse(layers))
            {
                var sorted = layer.OrderBy(v => Mean(down ? v.Above : v.Below, n => n.Position) ?? v.Position).ToList();
                layer.Clear();
                layer.AddRange(sorted);
                Number(layer);
            }
        }
    }

    void Place()
    {
        foreach (var layer in layers)
        {
            var x = 0.0;
            foreach (var vertex in layer)
            {
                vertex.X = x + (vertex.Width / 2);
                x += vertex.Width + space;
            }

            layer.ForEach(v => v.X -= (x - space) / 2);
        }

        for (var sweep = 0; sweep < Sweeps * 8; sweep++)
        {
            foreach (var layer in sweep % 2 == 0 ? layers : Enumerable.Reverse(layers))
            {
                Settle(layer, layer.Select(v => Pull(v)).ToArray());
            }
        }
    }

    // Trunks and plain chains are drawn straight: they pull harder than a box with many neighbours.
    static double Pull(Vertex vertex)
    {
        double sum = 0, weight = 0;
        foreach (var neighbour in vertex.Above.Concat(vertex.Below))
        {
            var w = (vertex.Id.Length == 0 ? 3.0 : 1.0) * (neighbour.Id.Length == 0 ? 3.0 : 1.0) * (neighbour.Above.Count + neighbour.Below.Count <= 2 ? 2.0 : 1.0);
            sum += w * neighbour.X;
            weight += w;
        }

        return weight == 0 ? vertex.X : sum / weight;
    }

    // Least squares under minimal distances: neighbours that press against each other move as one block (pool adjacent violators).
    void Settle(List<Vertex> layer, double[] wanted)
    {
        var blocks = new List<(int From, int Count, double Sum)>();
        var offset = new double[layer.Count];
        for (var i = 0; i < layer.Count; i++)
        {
            offset[i] = i == 0 ? 0 : offset[i - 1] + ((layer[i - 1].Width + layer[i].Width) / 2) + space;
            blocks.Add((i, 1, wanted[i] - offset[i]));
            while (blocks.Count > 1 && blocks[^2].Sum / blocks[^2].Count > blocks[^1].Sum / blocks[^1].Count)
            {
                var (last, before) = (blocks[^1], blocks[^2]);
                blocks.RemoveAt(blocks.Count - 1);
                blocks[^1] = (before.From, before.Count + last.Count, before.Sum + last.Sum);
            }
        }

        foreach (var (from, count, sum) in blocks)
        {
            for (var i = from; i < from + count; i++)
            {
                layer[i].X = (sum / count) + offset[i];
            }
        }
    }

    static void Number(List<Vertex> layer)
    {
        for (var i = 0; i < layer.Count; i++)
        {
            layer[i].Position = i - (layer.Count / 2.0);
        }
    }

    static double? Mean(List<Vertex> vertices, Func<Vertex, double> value) => vertices.Count == 0 ? null : vertices.Sum(value) / vertices.Count;

    sealed class Vertex(string id, double width)
    {
        public string Id { get; } = id;
        public double Width { get; } = width;
        public List<Vertex> Before { get; } = [];
        public List<Vertex> Next { get; } = [];
        public List<Vertex> Above { get; } = [];
        public List<Vertex> Below { get; } = [];
        public int Layer { get; set; }
        public double Position { get; set; }
        public double X { get; set; }
    }
}
