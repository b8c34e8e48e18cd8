namespace DataPrep.Pairs;

/// <summary>The pair generators, one line each.</summary>
public static class PairGeneratorTable
{
    static readonly IReadOnlyList<(string Name, Func<PairOptions, IPairGenerator> Create)> All =
    [
        ("crop", o => new CropGenerator(o.Crop)),
        ("lead", o => new LeadGenerator(o.Lead)),
        ("title", _ => new TitleGenerator()),
    ];

    /// <summary>Names, in ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(g => g.Name)];

    /// <summary>The generators of these names, each once, in the order given.</summary>
    /// <exception cref="DataPrepException">No such generator.</exception>
    public static IReadOnlyList<IPairGenerator> Create(IEnumerable<string> names, PairOptions options) =>
    [
        .. names.Distinct().Select(name => All.FirstOrDefault(g => g.Name == name).Create?.Invoke(options)
            ?? throw new DataPrepException($"There is no pair generator '{name}'. Known: {string.Join(", ", Names)}.")),
    ];
}
