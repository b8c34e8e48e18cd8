namespace Trainer;

/// <summary>Files by name, wherever they lie: a folder, or members of an artifact in a store that names files otherwise.</summary>
/// <param name="Label">What messages call it: a folder, an artifact's hash.</param>
/// <param name="Paths">Path by file name.</param>
public sealed record FileSet(string Label, IReadOnlyDictionary<string, string> Paths)
{
    /// <summary>The files of a folder, and those of the folders in it under names such as <c>1_Pooling/config.json</c>; deeper ones are left out.</summary>
    /// <exception cref="TrainerException">No such folder.</exception>
    public static FileSet FromFolder(string folder) => Directory.Exists(folder)
        ? new FileSet(folder, Directory.GetFiles(folder).Concat(Directory.GetDirectories(folder).SelectMany(Directory.GetFiles))
            .ToDictionary(f => Path.GetRelativePath(folder, f).Replace('\\', '/'), f => f, StringComparer.Ordinal))
        : throw new TrainerException($"{folder} does not exist; expected a folder.");

    /// <summary>The files of a folder among them, by their names in it; none where there is no such folder.</summary>
    public FileSet Within(string folder) => new($"{Label}/{folder}", Paths.Where(p => p.Key.StartsWith(folder + "/", StringComparison.Ordinal)).ToDictionary(p => p.Key[(folder.Length + 1)..], p => p.Value, StringComparer.Ordinal));

    /// <summary>Path of a file.</summary>
    /// <exception cref="TrainerException">It is not among them.</exception>
    public string this[string name] => Paths.TryGetValue(name, out var path)
        ? path
        : throw new TrainerException($"{Label} has no file '{name}'. Found: {string.Join(", ", Paths.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>Whether the file is there.</summary>
    public bool Has(string name) => Paths.ContainsKey(name);
}
