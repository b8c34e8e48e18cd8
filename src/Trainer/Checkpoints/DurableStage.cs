namespace Trainer.Checkpoints;

/// <summary>How far a <see cref="DurableFolder"/> has been written.</summary>
public enum DurableStage
{
    /// <summary>The temporary folder is there, empty.</summary>
    Begun,

    /// <summary>All files are written into it.</summary>
    Written,

    /// <summary>They are flushed, and listed with their digests.</summary>
    Listed,

    /// <summary>What lay at the final name is gone.</summary>
    Cleared,

    /// <summary>The folder has its final name, and that is flushed.</summary>
    Renamed,
}
