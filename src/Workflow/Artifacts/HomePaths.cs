namespace Workflow.Artifacts;

/// <summary>Where things lie in a home, the data folder of <c>--home</c>.</summary>
/// <param name="folder">The home; made absolute.</param>
public sealed class HomePaths(string folder)
{
    /// <summary>The home itself, absolute.</summary>
    public string Root { get; } = Path.GetFullPath(folder);

    /// <summary>SQLite file.</summary>
    public string Ledger => Path.Combine(Root, "ledger.db");

    /// <summary>File whose OS lock the scheduler holds.</summary>
    public string Lock => Path.Combine(Root, "lock");

    /// <summary>Content-addressed store: <c>cas/hh/hash</c>.</summary>
    public string Store => Path.Combine(Root, "cas");

    /// <summary>Work in progress, one folder per attempt; same file system as <see cref="Store"/>.</summary>
    public string Staging => Path.Combine(Root, "staging");

    /// <summary>Damaged files taken out of the store.</summary>
    public string Quarantine => Path.Combine(Root, "quarantine");

    /// <summary>Human paths: <c>runs/RUN/STAGE/SLOT/FILE</c>, links into the store, derived from the ledger.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Where the bytes of a hash lie once published.</summary>
    public string Blob(string hash) => Path.Combine(Store, hash[..2], hash);
}
