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

    /// <summary>SQLite file of the job engine: a doorbell's memory, made anew where it is lost.</summary>
    public string Engine => Path.Combine(Root, "quartz.db");

    /// <summary>File whose OS lock the engine's scheduler holds.</summary>
    public string EngineLock => Path.Combine(Root, "quartz.lock");

    /// <summary>Content-addressed store: <c>cas/hh/hash</c>.</summary>
    public string Store => Path.Combine(Root, "cas");

    /// <summary>Work in progress, one folder per attempt; same file system as <see cref="Store"/>.</summary>
    public string Staging => Path.Combine(Root, "staging");

    /// <summary>Damaged files taken out of the store, and an engine's file that could not be read.</summary>
    public string Quarantine => Path.Combine(Root, "quarantine");

    /// <summary>Human paths: <c>runs/RUN/STAGE/SLOT/FILE</c>, links into the store, derived from the ledger.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Where the bytes of a hash lie once published.</summary>
    public string Blob(string hash) => Path.Combine(Store, hash[..2], hash);
}
