using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trainer.Training;

/// <summary>Training options as a JSON file of their own, keys in snake case as in job files; what is left out has its default.</summary>
public static class TrainOptionsFile
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Writes a file; equal options give equal bytes.</summary>
    public static void Write(string path, TrainOptions options) => File.WriteAllText(path, JsonSerializer.Serialize(options, Json) + "\n");

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="TrainerException">It is missing, holds an unknown key, or a value is out of range.</exception>
    public static TrainOptions Read(string path)
    {
        TrainOptions options;
        try
        {
            options = JsonSerializer.Deserialize<TrainOptions>(File.ReadAllText(path), Json) ?? throw new JsonException("The file is empty.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new TrainerException($"{path} does not hold training options: {error.Message}", error);
        }

        Check(options, path);
        return options;
    }

    /// <summary>Checks that every value is within its range.</summary>
    /// <param name="options">The options.</param>
    /// <param name="label">What messages call them.</param>
    /// <exception cref="TrainerException">A value is not.</exception>
    public static void Check(TrainOptions options, string label)
    {
        var faults = new List<ValidationResult>();
        foreach (var part in Parts(options).Concat(options.Phases.SelectMany(p => Parts(p.Over(options)).Prepend(p))).OfType<object>())
        {
            Validator.TryValidateObject(part, new ValidationContext(part), faults, validateAllProperties: true);
        }

        if (faults.Count > 0)
        {
            throw new TrainerException($"{label} cannot be used: {string.Join(" ", faults.Select(f => f.ErrorMessage).Distinct())}");
        }
    }

    static object?[] Parts(TrainOptions options) =>
    [
        options, options.Encoder, options.Transformer, options.Model, options.Loss, options.GradientCache, options.Guide, options.MaskedLanguage, options.CrossEncoder, options.Cascade,
        options.Cascade.Terms, options.Batches, options.Batches.Tuning, options.Optimization, options.Watch, options.Watch.EarlyStopping, .. options.Optimization.Parts, .. options.Batches.Sizes,
    ];
}
