namespace Trainer.Evaluation;

/// <summary>The names of <see cref="MetricProfile"/> in job files and on the command line.</summary>
public static class MetricProfileNames
{
    /// <summary>"trec" or "sentence-transformers".</summary>
    public static string Name(this MetricProfile profile) => profile == MetricProfile.Trec ? "trec" : "sentence-transformers";

    /// <summary>The profile with this name.</summary>
    /// <exception cref="TrainerException">No such profile.</exception>
    public static MetricProfile Parse(string name) => name switch
    {
        "trec" => MetricProfile.Trec,
        "sentence-transformers" => MetricProfile.SentenceTransformers,
        _ => throw new TrainerException($"Found metric profile '{name}'; expected trec or sentence-transformers."),
    };
}
