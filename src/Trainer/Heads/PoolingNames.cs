using System.Text.Json;

namespace Trainer.Heads;

/// <summary>Names of the ways of pooling in job files and configurations: cls, mean, max, mean_sqrt_length, weighted_mean, last_token.</summary>
public static class PoolingNames
{
    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<PoolingMode>().Select(Of)];

    /// <summary>Name of a mode.</summary>
    public static string Of(PoolingMode mode) => JsonNamingPolicy.SnakeCaseLower.ConvertName(mode.ToString());

    /// <summary>The mode of a name.</summary>
    /// <exception cref="TrainerException">There is no such mode.</exception>
    public static PoolingMode Parse(string name) => Enum.GetValues<PoolingMode>().Where(m => Of(m) == name).Select(m => (PoolingMode?)m).FirstOrDefault()
        ?? throw new TrainerException($"'{name}' is no way of pooling; expected {string.Join(", ", All)}.");
}
