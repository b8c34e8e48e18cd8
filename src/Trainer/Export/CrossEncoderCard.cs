using System.Text;
using Trainer.Encoders.Transformers;
using static Trainer.Export.ModelCard;

namespace Trainer.Export;

/// <summary>The model card of a cross-encoder.</summary>
static class CrossEncoderCard
{
    /// <summary>The card's text; equal arguments give equal text.</summary>
    public static string Text(CrossEncoder model, ExportOptions options, ModelCardSources sources)
    {
        var (text, config) = (new StringBuilder(), model.Config);
        Head(text, options, sources, "text-ranking", ["sentence-transformers", "cross-encoder", "reranker"]);
        Line(text, $"# {Plain(options.Title)}");
        Line(text);
        Line(text, "A cross-encoder: it reads a query and a passage together and says how well the passage answers; it puts what a first search found into a better order.");
        Line(text);
        Line(text, "| | |");
        Line(text, "|---|---|");
        Line(text, $"| encoder | {config.ModelType}, {config.Layers} layers of {config.HiddenSize}, {config.Heads} heads |");
        Line(text, $"| scores | {(model.Labels == 1 ? "one a pair, a logit: higher is better" : $"{model.Labels} a pair, logits")} |");
        Line(text, $"| vocabulary | {config.VocabularySize} tokens |");
        Line(text, $"| length | {config.MaxLength} tokens of a pair, the longer text cut first |");
        Line(text);
        Line(text, "## Usage");
        Line(text);
        Line(text, "```python");
        Line(text, "from sentence_transformers import CrossEncoder");
        Line(text);
        Line(text, $"model = CrossEncoder(\"path/to/this/folder\", max_length={config.MaxLength})");
        Line(text, "scores = model.predict([(\"what is asked\", \"a passage that may answer\")])");
        Line(text, "```");
        Line(text);
        Line(text, "`AutoModelForSequenceClassification.from_pretrained` loads it, too; its `logits` are the scores.");
        Line(text);
        Line(text, $"Before this folder appeared, it was read again by code of its own and the scores of {ExportSamples.Count} pairs were compared with the model's: they agree within {ExportCheck.Tolerance:0.#####}.");
        Line(text);
        Made(text, sources);
        Results(text, sources.Scores);
        return text.ToString();
    }
}
