using System.Text.Json;
using Trainer.Encoders;
using Trainer.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Checkpoints;

/// <summary>
/// Everything a training needs to go on as if it had never stopped, in one <see cref="DurableFolder"/>: <c>state.json</c>, <c>weights.safetensors</c>,
/// <c>optimizer.safetensors</c> (AdamW's running means m/NAME and v/NAME), the series so far, and <c>best.safetensors</c> where the best weights are kept.
/// </summary>
public static class Checkpoint
{
    const string StateFile = "state.json";
    const string WeightsFile = "weights.safetensors";
    const string OptimizerFile = "optimizer.safetensors";
    const string BestFile = "best.safetensors";

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="folder">Where it appears, whole.</param>
    /// <param name="state">Where the training stands; the generator's state is added.</param>
    /// <param name="encoder">The weights.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="device">Where the training runs.</param>
    /// <param name="log">Series so far.</param>
    /// <param name="best">Best weights so far, or null.</param>
    public static void Write(string folder, TrainState state, IEncoder encoder, AdamW optimizer, Device device, TrainingLog log, IReadOnlyList<SafetensorsTensor>? best) =>
        DurableFolder.Write(folder, temporary =>
        {
            using var scope = NewDisposeScope();
            (state with { Generator = State(CPU), DeviceGenerator = device.type == DeviceType.CPU ? null : State(device) }).Write(Path.Combine(temporary, StateFile));
            SafetensorsWriter.Write(Path.Combine(temporary, WeightsFile), ModelFolder.Weights(encoder));
            SafetensorsWriter.Write(Path.Combine(temporary, OptimizerFile), Moments(encoder, optimizer).SelectMany(m => new[]
            {
                ModelFolder.ToFile("m/" + m.Name, m.State.exp_avg),
                ModelFolder.ToFile("v/" + m.Name, m.State.exp_avg_sq),
            }));
            log.Write(temporary);
            if (best is not null)
            {
                SafetensorsWriter.Write(Path.Combine(temporary, BestFile), best);
            }
        });

    /// <summary>
    /// Restores the first checkpoint of a list that is sound: listed digests hold, the fingerprint is this training's, every tensor has its shape. Nothing is changed by one that is not.
    /// </summary>
    /// <param name="candidates">Checkpoints, newest first.</param>
    /// <param name="fingerprint">This training's fingerprint.</param>
    /// <param name="encoder">Gets the weights.</param>
    /// <param name="optimizer">Gets its running means.</param>
    /// <param name="device">Where the training runs.</param>
    /// <param name="say">Told which checkpoint was taken, and why others were not.</param>
    /// <returns>State, series and best weights; null where no checkpoint is sound.</returns>
    public static (TrainState State, TrainingLog Log, IReadOnlyList<SafetensorsTensor>? Best)? Restore(
        IEnumerable<FileSet> candidates, string fingerprint, IEncoder encoder, AdamW optimizer, Device device, Action<string> say)
    {
        foreach (var files in candidates)
        {
            try
            {
                if (DurableFolder.Fault(files.Paths) is { } fault)
                {
                    throw new TrainerException(fault);
                }

                var state = TrainState.Read(files[StateFile]);
                if (state.Format != 1 || state.Fingerprint != fingerprint)
                {
                    throw new TrainerException("it belongs to a training with other options, data, seed, threads or libtorch");
                }

                var log = TrainingLog.Read(files);
                var best = files.Has(BestFile) ? ReadAll(files[BestFile]) : null;
                Load(files, state, encoder, optimizer, device);
                say($"Resumed from the checkpoint of step {state.Step} ({files.Label}).");
                return (state, log, best);
            }
            catch (Exception error) when (error is TrainerException or JsonException or IOException or FormatException)
            {
                say($"Passed over checkpoint {files.Label}: {error.Message}");
            }
        }

        return null;
    }

    /// <summary>Checkpoints in a folder, newest first.</summary>
    public static IReadOnlyList<FileSet> Find(string scratch) => Directory.Exists(scratch)
        ? Directory.GetDirectories(scratch, "checkpoint-????????").OrderDescending(StringComparer.Ordinal).Select(FileSet.FromFolder).ToList()
        : [];

    /// <summary>Deletes the checkpoints of a folder but the last two and the best.</summary>
    public static void Prune(string scratch, int bestStep)
    {
        foreach (var old in Find(scratch).Skip(2).Select(f => f.Label).Where(f => !f.EndsWith($"-{bestStep:D8}", StringComparison.Ordinal)))
        {
            Directory.Delete(old, recursive: true);
        }
    }

    static void Load(FileSet files, TrainState state, IEncoder encoder, AdamW optimizer, Device device)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var weights = new SafetensorsReader(files[WeightsFile]);
        using var moments = new SafetensorsReader(files[OptimizerFile]);
        var loads = new List<(Tensor Target, float[] Values)>();
        loads.AddRange(encoder.Parameters.Select(p => ((Tensor)p.Value, weights.Floats(p.Name, p.Value.shape))));
        foreach (var (name, moment) in Moments(encoder, optimizer))
        {
            loads.Add((moment.exp_avg, moments.Floats("m/" + name, moment.exp_avg.shape)));
            loads.Add((moment.exp_avg_sq, moments.Floats("v/" + name, moment.exp_avg_sq.shape)));
        }

        var generator = tensor(Convert.FromBase64String(state.Generator));
        var own = device.type == DeviceType.CPU ? null : tensor(Convert.FromBase64String(state.DeviceGenerator ?? throw new TrainerException("it holds no state of the device's generator")));
        foreach (var (target, values) in loads)
        {
            target.copy_(tensor(values, target.shape));
        }

        foreach (var (_, moment) in Moments(encoder, optimizer))
        {
            moment.step = state.Step;
        }

        random.set_rng_state(generator);
        if (own is not null)
        {
            TorchRuntime.DefaultGenerator(device).set_state(own);
        }
    }

    static IEnumerable<(string Name, AdamW.State State)> Moments(IEncoder encoder, AdamW optimizer)
    {
        var names = encoder.Parameters.ToDictionary(p => (object)p.Value, p => p.Name, ReferenceEqualityComparer.Instance);
        return optimizer.parameters().Zip(optimizer.state_dict().State, (parameter, state) => (names[parameter], state));
    }

    static string State(Device device) => Convert.ToBase64String(TorchRuntime.DefaultGenerator(device).get_state().data<byte>().ToArray());

    static List<SafetensorsTensor> ReadAll(string path)
    {
        using var reader = new SafetensorsReader(path);
        return reader.Entries.Select(e => SafetensorsTensor.Floats(e.Name, e.Shape, reader.Floats(e.Name, e.Shape.ToArray()))).ToList();
    }
}
