using System.Globalization;

namespace Trainer.Training.Distributed;

/// <summary>
/// What a launcher says of this process, in the variables of torchrun: RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT. SLURM, a PyTorchJob and others set the same, or a line of shell does.
/// </summary>
/// <param name="Rank">This process, from 0.</param>
/// <param name="WorldSize">Processes in all.</param>
/// <param name="LocalRank">This process among those of its host: the index of its device.</param>
/// <param name="Host">Host of the store where the processes meet.</param>
/// <param name="Port">Its port.</param>
public sealed record LaunchEnvironment(int Rank, int WorldSize, int LocalRank, string Host, int Port)
{
    static readonly string[] Names = ["RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"];

    /// <summary>Whether rank 0 serves the store; under torchrun's own (TORCHELASTIC_USE_AGENT_STORE) its agent does.</summary>
    public bool RankZeroServes { get; init; } = true;

    /// <summary>Put before the store's keys: under torchrun's own store, as PyTorch does, the attempt (TORCHELASTIC_RESTART_COUNT), since it outlives one.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Reads the variables of this process.</summary>
    public static LaunchEnvironment? Read() => Read(Environment.GetEnvironmentVariable);

    /// <summary>Reads the variables.</summary>
    /// <param name="variable">A variable's value, or null.</param>
    /// <returns>Null where none of the five is set: a process of its own.</returns>
    /// <exception cref="TrainerException">Some are missing, or a value is out of its range: every fault is listed.</exception>
    public static LaunchEnvironment? Read(Func<string, string?> variable)
    {
        var values = Names.ToDictionary(n => n, n => variable(n) is { Length: > 0 } value ? value : null);
        // MASTER_ADDR and MASTER_PORT alone are in many an environment (a SLURM script's, a container's) and start nothing.
        if (values["RANK"] is null && values["WORLD_SIZE"] is null && values["LOCAL_RANK"] is null)
        {
            return null;
        }

        var faults = new List<string>();
        if (Names.Where(n => values[n] is null && n != "LOCAL_RANK").ToArray() is { Length: > 0 } missing)
        {
            faults.Add($"{string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} not set");
        }

        var world = Number("WORLD_SIZE", 1, 1 << 20);
        var rank = Number("RANK", 0, world - 1);
        var local = values["LOCAL_RANK"] is null ? (values["RANK"], values["WORLD_SIZE"]) switch
        {
            ("0", "1") => 0,
            _ => Missing("LOCAL_RANK"),
        }
        : Number("LOCAL_RANK", 0, world - 1);
        var port = Number("MASTER_PORT", 1, 65535);
        if (faults.Count > 0)
        {
            throw new TrainerException(
                $"The environment starts a training of several processes ({string.Join(", ", Names.Where(n => values[n] is not null).Select(n => $"{n}={values[n]}"))}), but {string.Join("; ", faults)}. Expected all of {string.Join(", ", Names)}, as torchrun sets them; unset RANK, WORLD_SIZE and LOCAL_RANK to train in one process.");
        }

        var launch = new LaunchEnvironment(rank, world, local, values["MASTER_ADDR"]!, port);
        return variable("TORCHELASTIC_USE_AGENT_STORE") == "True"
            ? launch with { RankZeroServes = false, Prefix = $"/worker/attempt_{variable("TORCHELASTIC_RESTART_COUNT") ?? "0"}" }
            : launch;

        int Number(string name, int least, int most)
        {
            if (values[name] is not { } text)
            {
                return least;
            }

            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
            {
                faults.Add($"{name} is '{text}', expected a number from {least} to {Math.Max(least, most)}");
                return least;
            }

            return number;
        }

        int Missing(string name)
        {
            faults.Add($"{name} is not set");
            return 0;
        }
    }
}
