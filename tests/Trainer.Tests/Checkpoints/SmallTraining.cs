using System.Text.Json.Nodes;
using DataPrep;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Training;
using Trainer.Training.Optimization;
using static TorchSharp.torch;

namespace Trainer.Tests.Checkpoints;

/// <summary>A training of some hundred weights with all that a checkpoint holds: groups, a frozen parameter, dropout's random numbers, averaged weights, a counter.</summary>
sealed class SmallTraining : IDisposable
{
    public const string Fingerprint = "f";

    static readonly (string Name, long[] Shape)[] Shapes = [("embeddings.weight", [12, 8]), ("layer.weight", [8, 8]), ("layer.bias", [8]), ("head.weight", [8, 3])];

    readonly ParameterGroups _groups;

    public SmallTraining(OptimizationOptions? options = null)
    {
        random.manual_seed(3);
        Parameters = [.. Shapes.Select(s => (s.Name, new Parameter(randn(s.Shape).mul_(0.3))))];
        _groups = ParameterGroups.Of(Parameters, options ?? new OptimizationOptions { Parts = [new() { Match = "head", Multiplier = 3 }], Freeze = ["embeddings"] }, 0.01, 0.02);
        Optimizer = _groups.CreateOptimizer(0.01);
        Ema = new WeightEma(Parameters, 0.9);
        Average = new WeightAverage(Parameters, 12, 0.5, 2);
    }

    public List<(string Name, Parameter Value)> Parameters { get; }

    public AdamW Optimizer { get; }

    public WeightEma Ema { get; }

    public WeightAverage Average { get; }

    public Counter Seen { get; } = new();

    public TrainState State { get; private set; } = new() { Fingerprint = Fingerprint };

    public TrainingLog Log { get; private set; } = new();

    public CheckpointContents Contents => new(Parameters, Optimizer, CPU) { Parts = [Ema, Average, Seen] };

    public void Step()
    {
        using var scope = NewDisposeScope();
        _groups.SetRate(Optimizer, 0.01 / (State.Step + 1));
        Optimizer.zero_grad();
        var hidden = nn.functional.dropout(randn(5, 12).matmul(Parameters[0].Value), 0.2, training: true).matmul(Parameters[1].Value) + Parameters[2].Value;
        var loss = hidden.tanh().matmul(Parameters[3].Value).square().mean();
        loss.backward();
        Optimizer.step();
        State = State with { Step = State.Step + 1, Batch = State.Batch + 1 };
        Log.Points.Add(new MetricPoint("train_loss", State.Step, loss.ToDouble()));
        Ema.Update();
        Average.Update(State.Step);
        Seen.Count += 3;
    }

    public void Write(string scratch) => Checkpoint.Write(Path.Combine(scratch, $"checkpoint-{State.Step:D8}"), State, Contents, Log);

    /// <summary>Takes up the newest sound checkpoint; false where none is.</summary>
    public bool Resume(string scratch, List<string> lines)
    {
        if (Checkpoint.Restore(Checkpoint.Find(scratch), Fingerprint, _ => Contents, lines.Add) is not var (state, log))
        {
            return false;
        }

        (State, Log) = (state, log);
        return true;
    }

    /// <summary>Every number of the training, in hexadecimal: equal texts are equal bits.</summary>
    public string Bits()
    {
        var moments = Optimizer.state_dict().State.SelectMany(s => new[] { SafetensorsTensor.Of("m", s.exp_avg), SafetensorsTensor.Of("v", s.exp_avg_sq), SafetensorsTensor.Number("t", s.step) });
        var all = Parameters.Select(p => SafetensorsTensor.Of(p.Name, p.Value)).Concat(moments).Concat(Ema.Tensors()).Concat(Average.Tensors());
        return string.Join('\n', all.Select(t => Convert.ToHexString(t.Data.Span)).Concat(Log.Points.Select(p => p.ToString())).Append($"{Ema.Updates} {Average.Updates} {Seen.Count} {State.Step}"));
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Ema.Dispose();
        Average.Dispose();
        Parameters.ForEach(p => p.Value.Dispose());
    }

    /// <summary>A part that counts, and that can be told to refuse.</summary>
    public sealed class Counter : ICheckpointed
    {
        public int Count { get; set; }

        public bool Refuses { get; set; }

        public string Name => "seen";

        public JsonNode State() => new JsonObject { ["count"] = Count };

        public IEnumerable<SafetensorsTensor> Tensors() => [];

        public void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors)
        {
            Count = state!["count"]!.GetValue<int>();
            if (Refuses && Count > 0)
            {
                throw new TrainerException("counted otherwise");
            }
        }
    }

    /// <summary>Notes what it is told.</summary>
    public sealed class Observer : ITrainObserver
    {
        public List<string> Lines { get; } = [];

        public List<TrainEvent> Events { get; } = [];

        public List<(long Step, string Folder, int Thread)> Checkpoints { get; } = [];

        public void Progress(StageProgress progress)
        {
        }

        public void Metric(string key, long step, double value)
        {
        }

        /// <summary>What to do once a line is told.</summary>
        public Action? Told { get; set; }

        public void Log(string line)
        {
            Lines.Add(line);
            Told?.Invoke();
        }

        public void Event(TrainEvent happened) => Events.Add(happened);

        /// <summary>What to do once a checkpoint is there.</summary>
        public Action<long>? Durable { get; set; }

        public void Checkpoint(long step, string cursorJson, string folder, double? metric)
        {
            Checkpoints.Add((step, folder, Environment.CurrentManagedThreadId));
            Durable?.Invoke(step);
        }
    }
}
