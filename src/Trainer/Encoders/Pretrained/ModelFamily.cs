using System.Text.RegularExpressions;
using Trainer.Heads;

namespace Trainer.Encoders.Pretrained;

/// <summary>Published models that are used alike. What a model's own files say goes before what its family is known for.</summary>
/// <param name="Name">Name of the family.</param>
/// <param name="Pattern">Matches the last part of a model's name, lower-case.</param>
/// <param name="Pooling">How its models pool.</param>
/// <param name="Normalize">Whether its embeddings are compared by cosine.</param>
/// <param name="Prompts">What its models expect before texts.</param>
/// <param name="Unfinished">Matches those of the family that were only pre-trained: meant to be trained further.</param>
public sealed record ModelFamily(string Name, string Pattern, PoolingMode Pooling, bool Normalize, ModelPrompts Prompts, string Unfinished = "-unsupervised$")
{
    const string BgeInstruction = "Represent this sentence for searching relevant passages: ";

    /// <summary>The families known here. Sources: the models' published cards; unilm (E5, SimLM), FlagEmbedding (BGE), sentence-transformers (MiniLM).</summary>
    public static IReadOnlyList<ModelFamily> Known { get; } =
    [
        new("E5", "^(multilingual-)?e5-", PoolingMode.Mean, true, new("query: ", "passage: ")),
        new("SimLM", "^simlm-", PoolingMode.Cls, true, ModelPrompts.None, "^simlm-base-(msmarco|wiki100w)$"),
        new("BGE-M3", "^bge-m3", PoolingMode.Cls, true, ModelPrompts.None, "-(unsupervised|retromae)$"),
        new("BGE", "^bge-(small|base|large)-en", PoolingMode.Cls, true, new(BgeInstruction, "")),
        new("GTE", "^gte-(small|base|large)$", PoolingMode.Mean, true, ModelPrompts.None),
        new("MiniLM", "^all-minilm-l(6|12)", PoolingMode.Mean, true, ModelPrompts.None),
        new("Contriever", "^m?contriever", PoolingMode.Mean, false, ModelPrompts.None, "contriever$"),
    ];

    /// <summary>The family of a model; null where none is known.</summary>
    /// <param name="name">Its name, with or without an owner or a folder before it: "intfloat/e5-base-v2".</param>
    public static ModelFamily? Of(string name) => Known.FirstOrDefault(f => Matches(f.Pattern, name));

    /// <summary>Whether a model of this family is a finished product: trained to the end on labelled pairs, and better trained further at a lower rate.</summary>
    public bool IsFinished(string name) => !Matches(Unfinished, name);

    static bool Matches(string pattern, string name) => Regex.IsMatch(name.TrimEnd('/').Split('/')[^1].ToLowerInvariant(), pattern, RegexOptions.CultureInvariant);
}
