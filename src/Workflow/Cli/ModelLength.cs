using System.Text.Json;
using Trainer;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;
using Trainer.Heads;

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
        switch (Text(config, "model_type"))
        {
            case StaticEncoder.TypeName:
            case TransformerConfig.Bert:
            case TransformerConfig.XlmRoberta:
            case TransformerConfig.ModernBert:
                var own = ModelFolder.IsTransformer(files) ? ModelSettings.Read(files).ToConfig(PoolingMode.Mean) : ModelFolder.ReadConfig(files);
                return role == TextRole.Query ? new(own.QueryLength, own.QueryPrompt) : new(own.PassageLength, role is null ? "" : own.PassagePrompt);
            default:
                // A tokenizer without a model, or with one that is not computed here.
                return new(Number(Json(files, "tokenizer_config.json"), "model_max_length") ?? Number(config, "max_position_embeddings") ?? int.MaxValue, "");
        }
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
