using System.Globalization;
using System.Text;
using System.Text.Json;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;

namespace Trainer.Export;

/// <summary>The model card: a README.md whose head the hub reads, and whose body says what the model is, how to use it, what it was made from and how it was measured.</summary>
static class ModelCard
{
    /// <summary>The card's text; equal arguments give equal text.</summary>
    public static string Text(EmbeddingModel model, ExportOptions options, ModelCardSources sources, IReadOnlyList<string> notes, IReadOnlyList<string> heads)
    {
        var text = new StringBuilder();
        Head(text, options, sources, "sentence-similarity", ["sentence-transformers", "sentence-similarity", "feature-extraction", "dense"]);
        Line(text, $"# {Plain(options.Title)}");
        Line(text);
        Line(text, $"A retrieval model: it turns a query or a passage into {model.Config.Dimensions} numbers; the passages whose numbers are nearest to the query's answer it.");
        Line(text);
        Facts(text, model, heads);
        ModelCardUsage.Write(text, model, notes);
        Made(text, sources);
        Results(text, sources.Scores);
        return text.ToString();
    }

    /// <summary>Adds a line with a line feed, whatever the machine.</summary>
    internal static void Line(StringBuilder text, string line = "") => text.Append(line).Append('\n');

    /// <summary>A value as text of one line that markdown leaves alone.</summary>
    internal static string Plain(string value) => new([.. value.Select(c => char.IsControl(c) ? ' ' : c is '|' or '`' or '<' or '>' ? '\'' : c)]);

    /// <summary>Adds what the hub reads.</summary>
    internal static void Head(StringBuilder text, ExportOptions options, ModelCardSources sources, string task, IEnumerable<string> tags)
    {
        Line(text, "---");
        Line(text, "library_name: sentence-transformers");
        Line(text, $"pipeline_tag: {task}");
        Line(text, "tags:");
        foreach (var tag in tags)
        {
            Line(text, $"- {tag}");
        }

        if (options.BaseModel is { } parent)
        {
            Line(text, $"base_model: {JsonSerializer.Serialize(parent)}");
        }

        if (sources.Scores?.Systems.FirstOrDefault(s => s.System == "model").Metrics is { } metrics)
        {
            Line(text, "model-index:");
            Line(text, $"- name: {JsonSerializer.Serialize(Plain(options.Title))}");
            Line(text, "  results:");
            Line(text, "  - task:");
            Line(text, "      type: information-retrieval");
            Line(text, "      name: Information Retrieval");
            Line(text, "    dataset:");
            Line(text, "      name: held-out queries");
            Line(text, "      type: held-out-queries");
            Line(text, "    metrics:");
            foreach (var metric in metrics)
            {
                Line(text, $"    - type: {metric.Name.Replace("@", "_at_", StringComparison.Ordinal)}");
                Line(text, $"      value: {Number(metric.Mean)}");
                Line(text, $"      name: {JsonSerializer.Serialize(metric.Name)}");
            }
        }

        Line(text, "---");
        Line(text);
    }

    static void Facts(StringBuilder text, EmbeddingModel model, IReadOnlyList<string> heads)
    {
        var config = model.Config;
        Line(text, "| | |");
        Line(text, "|---|---|");
        Line(text, $"| encoder | {model.Encoder switch
        {
            ITransformerModel t => $"{t.Type}, {t.Transformer.Config.Layers} layers of {t.Transformer.Config.HiddenSize}, {t.Transformer.Config.Heads} heads",
            _ => $"{model.Encoder.Type}: the weighted sum of a text's token embeddings",
        }} |");
        Line(text, $"| dimensions | {config.Dimensions}{(config.MatryoshkaDimensions.Count > 0 ? $"; may be cut to {string.Join(", ", config.MatryoshkaDimensions)}" : "")} |");
        Line(text, $"| pooling | {config.Pooling} |");
        Line(text, $"| similarity | {(config.Normalize ? "cosine (embeddings have length one)" : "dot product")} |");
        Line(text, $"| vocabulary | {config.VocabularySize} tokens |");
        Line(text, $"| length | {config.QueryLength} tokens of a query, {config.PassageLength} of a passage |");
        Line(text, $"| prompts | query: {Quoted(config.QueryPrompt)}, passage: {Quoted(config.PassagePrompt)} |");
        if (heads.Count > 0)
        {
            Line(text, $"| heads beside | {string.Join(", ", heads)} |");
        }

        if (model.Digest.Length > 0)
        {
            Line(text, $"| digest of its source | {model.Digest} |");
        }

        Line(text);
    }

    /// <summary>Adds data, lineage and options.</summary>
    internal static void Made(StringBuilder text, ModelCardSources sources)
    {
        Section(text, "Training data", sources.Data, "Artifacts by the SHA-256 of their manifests: the same hash is the same data, byte for byte.");
        if (sources.Files.Count > 0)
        {
            Line(text, "Files it goes back to:");
            Line(text);
            foreach (var file in sources.Files.Take(50))
            {
                Line(text, $"- {Plain(file)}");
            }

            if (sources.Files.Count > 50)
            {
                Line(text, $"- and {sources.Files.Count - 50} more");
            }

            Line(text);
        }

        var own = sources.ModelId is { } id ? [new CardArtifact("model", id, "this model")] : Array.Empty<CardArtifact>();
        Section(text, "Lineage", [.. own, .. sources.Lineage], "What it was made from, nearest first.");
        if (sources.TrainingOptions is { } options)
        {
            Line(text, "## Training options");
            Line(text);
            Line(text, "```json");
            Line(text, options.ReplaceLineEndings("\n").Trim());
            Line(text, "```");
            Line(text);
        }
    }

    static void Section(StringBuilder text, string title, IReadOnlyList<CardArtifact> artifacts, string words)
    {
        if (artifacts.Count == 0)
        {
            return;
        }

        Line(text, $"## {title}");
        Line(text);
        Line(text, words);
        Line(text);
        Line(text, "| artifact | | hash |");
        Line(text, "|---|---|---|");
        foreach (var artifact in artifacts)
        {
            Line(text, $"| {Plain(artifact.Kind)} | {Plain(artifact.Facts)} | `{Plain(artifact.Id)}` |");
        }

        Line(text);
    }

    /// <summary>Adds measurements.</summary>
    internal static void Results(StringBuilder text, CardScores? scores)
    {
        if (scores is null)
        {
            return;
        }

        var metrics = scores.Systems.Count == 0 ? [] : scores.Systems[0].Metrics.Select(m => m.Name).ToList();
        Line(text, "## Results");
        Line(text);
        Line(text, $"{scores.Queries} held-out queries over {scores.Documents} documents; metrics of profile {Plain(scores.Profile)}, with 95 % intervals over queries{(scores.Id.Length > 0 ? $" (scores `{scores.Id}`)" : "")}.");
        Line(text);
        Line(text, $"| system | {string.Join(" | ", metrics)} |");
        Line(text, $"|---{string.Concat(metrics.Select(_ => "|---"))}|");
        foreach (var (system, values) in scores.Systems)
        {
            Line(text, $"| {Plain(system)} | {string.Join(" | ", values.Select(v => v is { Low: { } low, High: { } high } ? $"{Number(v.Mean)} [{Number(low)}, {Number(high)}]" : Number(v.Mean)))} |");
        }

        Line(text);
    }

    static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    static string Quoted(string prompt) => prompt.Length == 0 ? "none" : JsonSerializer.Serialize(prompt).Replace('|', '\'');
}
