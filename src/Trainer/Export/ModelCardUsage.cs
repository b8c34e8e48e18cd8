using System.Text;
using Trainer.Encoders;
using static Trainer.Export.ModelCard;

namespace Trainer.Export;

/// <summary>The part of a model card that shows how to use the folder.</summary>
static class ModelCardUsage
{
    /// <summary>Adds the section.</summary>
    public static void Write(StringBuilder text, EmbeddingModel model, IReadOnlyList<string> notes)
    {
        var config = model.Config;
        var sides = model.Encoder is StaticEncoder && config.QuerySide != QuerySide.Shared;
        Line(text, "## Usage");
        Line(text);
        Line(text, "```python");
        Line(text, "from sentence_transformers import SentenceTransformer");
        Line(text);
        Line(text, "model = SentenceTransformer(\"path/to/this/folder\")");
        Line(text, $"queries = {Call("query", sides, config.QueryPrompt)}");
        Line(text, $"passages = {Call("passage", sides, config.PassagePrompt)}");
        Line(text, config.Normalize ? "scores = queries @ passages.T  # cosines: the embeddings have length one" : "scores = queries @ passages.T");
        Line(text, "```");
        Line(text);
        if (!sides && config.QueryPrompt.Length + config.PassagePrompt.Length > 0)
        {
            Line(text, "Versions before 2.4 know no prompt_name: put the prompts before the texts yourself. From 5.0 on, encode_query and encode_document do the same.");
            Line(text);
        }

        if (config.MatryoshkaDimensions.Count > 0)
        {
            Line(text, $"Shorter embeddings: `SentenceTransformer(..., truncate_dim={config.MatryoshkaDimensions.Min()})`{(config.Normalize ? ", scaled to length one again" : "")}.");
            Line(text);
        }

        foreach (var note in notes)
        {
            Line(text, $"- {note}");
        }

        if (notes.Count > 0)
        {
            Line(text);
        }

        Line(text, $"Before this folder appeared, it was read again by code of its own and {ExportSamples.Count} embeddings were compared with the model's: they agree within {ExportCheck.Tolerance:0.#####}.");
        Line(text);
    }

    static string Call(string role, bool sides, string prompt)
    {
        var example = role == "query" ? "[\"what is asked\"]" : "[\"a passage that may answer\"]";
        return sides ? $"model.encode_{(role == "query" ? "query" : "document")}({example})" : prompt.Length > 0 ? $"model.encode({example}, prompt_name=\"{role}\")" : $"model.encode({example})";
    }
}
