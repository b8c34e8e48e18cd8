using System.Text.Json.Nodes;
using TorchSharp;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Checkpoints;

/// <summary>A checkpoint before it is on disk: the files' contents, taken between two steps.</summary>
sealed class CheckpointSnapshot
{
    readonly string _state;
    readonly List<SafetensorsTensor> _weights, _moments, _parts;
    readonly TrainingLog _log;

    /// <summary>Takes a snapshot.</summary>
    /// <param name="state">Where the training stands.</param>
    /// <param name="contents">What is kept.</param>
    /// <param name="log">Series so far.</param>
    /// <param name="buffers">Where tensors are copied to; null sees live memory and must be written before the next step.</param>
    public CheckpointSnapshot(TrainState state, CheckpointContents contents, TrainingLog log, SnapshotBuffers? buffers)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        buffers?.Begin();
        _weights = [.. contents.Parameters.Select(p => Take(p.Name, p.Value))];
        _moments = [.. contents.Moments().SelectMany(m => new[] { Take("m/" + m.Name, m.State.exp_avg), Take("v/" + m.Name, m.State.exp_avg_sq), SafetensorsTensor.Number("t/" + m.Name, m.State.step) })];
        var states = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        _parts = [];
        foreach (var part in contents.Parts)
        {
            if (part.Name.Contains('/', StringComparison.Ordinal) || !states.TryAdd(part.Name, part.State()))
            {
                throw new ArgumentException($"The part '{part.Name}' occurs twice, or has a slash in its name.", nameof(contents));
            }

            foreach (var tensor in part.Tensors().Select(t => t with { Name = $"{part.Name}/{t.Name}" }))
            {
                _parts.Add(buffers?.Copy(tensor) ?? tensor);
            }
        }

        var device = contents.Device;
        _state = (state with { Format = TrainState.CurrentFormat, Generator = Generator(CPU), DeviceGenerator = device.type == DeviceType.CPU ? null : Generator(device), Parts = states }).ToJson();
        _log = log.Copy();
        buffers?.End(device);

        SafetensorsTensor Take(string name, Tensor value) => buffers?.Copy(name, value) ?? SafetensorsTensor.Of(name, value);
    }

    /// <summary>Writes the folder; needs nothing of the training, so that another thread may do it.</summary>
    public void Write(string folder, Action<DurableStage>? reached = null) => DurableFolder.Write(
        folder,
        temporary =>
        {
            File.WriteAllText(Path.Combine(temporary, Checkpoint.StateFile), _state);
            SafetensorsWriter.Write(Path.Combine(temporary, Checkpoint.WeightsFile), _weights);
            SafetensorsWriter.Write(Path.Combine(temporary, Checkpoint.OptimizerFile), _moments);
            if (_parts.Count > 0)
            {
                SafetensorsWriter.Write(Path.Combine(temporary, Checkpoint.PartsFile), _parts);
            }

            _log.Write(temporary);
        },
        reached);

    static string Generator(Device device) => Convert.ToBase64String(TorchRuntime.DefaultGenerator(device).get_state().data<byte>().ToArray());
}
