using System.Text.Json;
using Trainer;
using Trainer.Encoders;

namespace Workflow.Cli;

/// <summary>The length and the prompt that a model folder asks for, ours or a Hugging Face one, read without loading its weights.</summary>
/// <param name="Length">Tokens kept of a text, special tokens included.</param>
/// <param name="Prompt">Put before each text; empty for none.</param>
readonly record struct ModelLength(int Length, string Prompt)
{
    /// <summary>What a folder says for a role; without one: the passage's length and no prompt.</summary>
    public static ModelLength Of(FileSet files, TextRole? role)
    {
        var config = Json(files, ModelFolder.ConfigFile);
        var side = role == TextRole.Query ? "query" : "passage";
        if (Number(config, $"{side}_length") is { } own)
        {
            return new ModelLength(own, role is null ? "" : Text(config, $"{side}_prompt"));
        }

        var length = Number(Json(files, "sentence_bert_config.json"), "max_seq_length")
            ?? Number(Json(files, "tokenizer_config.json"), "model_max_length")
            ?? Number(config, "max_position_embeddings")
            ?? int.MaxValue;
        return new ModelLength(length, role is null ? "" : PromptOf(files, side));
    }

    /// <summary>sentence-transformers keeps prompts by name: passages go by "passage" or "document".</summary>
    static string PromptOf(FileSet files, string side)
    {
        var prompts = Json(files, "config_sentence_transformers.json") is { ValueKind: JsonValueKind.Object } config && config.TryGetProperty("prompts", out var found) ? found : default;
        return Text(prompts, side) is { Length: > 0 } prompt ? prompt : side == "passage" ? Text(prompts, "document") : "";
    }

    static JsonElement Json(FileSet files, string name)
    {
        if (!files.Has(name))
        {
            return default;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(files[name]));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new WorkflowException($"{files[name]} is not JSON: {e.Message}", inner: e);
        }
    }

    /// <summary>A length; "very large" (some write 1e30) is none.</summary>
    static int? Number(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0 ? number : null;

    static string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
