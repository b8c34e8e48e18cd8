#if STACK_SYSTEM
namespace DataPrep.Tables;

/// <summary>What DuckDB may use. None of it changes the bytes of a written file.</summary>
public sealed record DuckDbOptions
{
    /// <summary>Threads; default 2.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Memory in MiB before data goes to <see cref="Scratch"/>; default 1024.</summary>
    public int MemoryMiB { get; init; } = 1024;

    /// <summary>Folder for data that does not fit into memory; null keeps everything in memory (a table beyond <see cref="MemoryMiB"/> is then an error).</summary>
    public string? Scratch { get; init; }
}
#endif
