using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPrep;
using DataPrep.Text;
using DataPrep.Text.WordPiece;
using TorchSharp;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>
/// Trains an encoder: per step one batch of the plan, forward, loss, backward, AdamW. Same inputs, options, seed, threads and libtorch give the same bytes, also when the
/// training is stopped anywhere and resumed from its checkpoints.
/// </summary>
public static class TrainLoop
{
    /// <summary>Trains, and writes the model and its series to <see cref="TrainInputs.Output"/>.</summary>
    /// <exception cref="TrainerException">The options contradict each other or the data, the initial model does not fit, or the loss is no longer a number.</exception>
    public static TrainResult Run(TrainInputs inputs, TrainOptions options, ITrainObserver observer, CancellationToken cancellationToken)
    {
        set_num_threads(inputs.Threads);
        var (model, start) = Model(inputs, options);
        using var owned = model;
        foreach (var line in start.Contradictions.Select(c => $"Allowed by the job. {c}.").Concat(start.Advice).Concat(model.Unused.Count > 0 ? [$"Not used of the initial model: {string.Join(", ", model.Unused)}."] : []))
        {
            observer.Log(line);
        }

        model.Encoder.Precision = options.Precision;
        if (model.Encoder is PooledTransformer transformer)
        {
            transformer.Transformer.Checkpointing = options.ActivationCheckpointing;
        }

        var parameters = model.Encoder.Parameters.Select(p => p.Value).ToList();
        var device = TrainDevice.Prepare(options, parameters);
        using var optimizer = optim.AdamW(parameters, options.LearningRate, beta2: options.Beta2, weight_decay: options.WeightDecay);
        ILoss loss = new InfoNce(options.Temperature, options.Symmetric);
        loss = options.MatryoshkaDims.Count > 0 ? new Matryoshka(loss, options.MatryoshkaDims) : loss;
        var total = TotalSteps(inputs, options);
        var schedule = new LearningRateSchedule(
            options.Schedule, options.LearningRate, options.FinalLearningRate, options.WarmupSteps ?? (int)Math.Ceiling(total * options.WarmupRatio), total);
        var dev = inputs.Dev is { Queries.Count: > 0 } collection
            ? new DevEvaluator(collection.Subset(options.EvalQueries, options.EvalDocuments, inputs.Seed), model, inputs.Threads, cancellationToken)
            : null;
        var probe = new CosineProbe(inputs.Rows, inputs.Seed);

        var fingerprint = Fingerprint(inputs, options);
        var resumed = Checkpoint.Restore(inputs.Checkpoints, fingerprint, model.Encoder, optimizer, device, observer.Log);
        var state = resumed?.State ?? new TrainState { Fingerprint = fingerprint };
        var log = resumed?.Log ?? new TrainingLog();
        var best = resumed?.Best;
        var first = state.Step;
        double last = log.Points.LastOrDefault(p => p.Key == "train_loss")?.Value ?? 0;
        double? metric = log.Points.LastOrDefault(p => p.Key == "dev_ndcg@10")?.Value;

        var atOnce = new MiniBatchSize(options.BatchSize, gradientCaching: false, options.BatchSize, device, observer);
        var plan = inputs.Plan(state.Epoch);
        while (state.Step < total)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (state.Batch >= plan.Count)
            {
                state = state with { Epoch = state.Epoch + 1, Batch = 0 };
                plan = inputs.Plan(state.Epoch);
                continue;
            }

            var batch = TrainBatch.Build(inputs.Rows, plan[state.Batch], options.Negatives, state.Epoch, inputs.Seed);
            var rate = schedule.At(state.Step);
            (last, var norm) = atOnce.Run(state.Step + 1, _ => Step(model.Encoder, optimizer, loss, batch, rate, options.Clip));
            state = state with { Step = state.Step + 1, Batch = state.Batch + 1 };
            if (!double.IsFinite(last))
            {
                throw new TrainerException($"The loss of step {state.Step} is {last}; expected a number. Lower learning_rate ({options.LearningRate}) or set clip.");
            }

            Point("train_loss", last);
            Point("learning_rate", rate);
            Point("grad_norm", norm);

            var evaluated = false;
            if (state.Step == total || (options.EvalEvery > 0 && state.Step % options.EvalEvery == 0))
            {
                log.Histograms.AddRange(probe.Measure(model, state.Step));
                if (dev is not null)
                {
                    var (devLoss, ndcg) = dev.Evaluate(model, loss, cancellationToken);
                    Point("dev_loss", devLoss);
                    Point("dev_ndcg@10", ndcg);
                    (metric, evaluated) = (ndcg, true);
                    if (state.BestStep < 0 || ndcg > state.BestMetric)
                    {
                        state = state with { BestStep = state.Step, BestMetric = ndcg };
                        best = options.Keep == KeepKind.Best ? ModelFolder.Weights(model.Encoder).ToList() : null;
                    }
                }
            }

            if (options.CheckpointEvery > 0 && state.Step % options.CheckpointEvery == 0 && state.Step < total)
            {
                var folder = Path.Combine(inputs.Scratch, $"checkpoint-{state.Step:D8}");
                Checkpoint.Write(folder, state, model.Encoder, optimizer, device, log, best);
                observer.Checkpoint(state.Step, state.CursorJson, folder, evaluated ? metric : null);
                Checkpoint.Prune(inputs.Scratch, state.BestStep);
            }

            observer.Progress(new StageProgress(state.Step, total, "steps"));
        }

        var saved = model.Encoder as PooledTransformer;
        ModelFolder.Save(inputs.Output, model.Config, best ?? ModelFolder.Weights(model.Encoder), inputs.Tokenizer, saved?.Transformer.Config, saved?.Projection?.Activation ?? ProjectionActivation.Identity);
        log.Write(inputs.Output);
        return new TrainResult(total, first, last, metric, state.BestStep, ModelFolder.Digest(FileSet.FromFolder(inputs.Output)), start.Contradictions);

        void Point(string key, double value)
        {
            log.Points.Add(new MetricPoint(key, state.Step, value));
            observer.Metric(key, state.Step, value);
        }
    }

    /// <summary>One optimizer step on a batch.</summary>
    /// <param name="encoder">What is trained.</param>
    /// <param name="optimizer">Holds the encoder's parameters.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="rate">Learning rate of this step.</param>
    /// <param name="clip">Largest gradient norm, or null.</param>
    /// <returns>The loss, and the norm of the gradient before it was clipped.</returns>
    public static (double Loss, double GradNorm) Step(IEncoder encoder, AdamW optimizer, ILoss loss, TrainBatch batch, double rate, double? clip)
    {
        using var scope = NewDisposeScope();
        encoder.Training = true;
        optimizer.zero_grad();
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }

        var (queries, passages) = encoder.Forward(batch.Queries, batch.Passages);
        (queries, passages) = (queries.to(float32), passages.to(float32));
        var value = loss.Compute(LossInputs.Dense(queries, passages, tensor(batch.Excluded, [batch.Queries.Count, batch.Passages.Count]).OnDevice(queries.device))).Total;
        value.backward();
        var norm = clip is { } max ? nn.utils.clip_grad_norm_(optimizer.parameters(), max) : GradNorm(optimizer.parameters());
        optimizer.step();
        return (value.ToDouble(), norm);
    }

    static double GradNorm(IEnumerable<Parameter> parameters)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var norms = parameters.Select(p => p.grad).OfType<Tensor>().Select(g => g.norm()).ToArray();
        // One copy from the device, not one per parameter.
        return norms.Length == 0 ? 0 : Math.Sqrt(stack(norms).cpu().data<float>().ToArray().Sum(n => (double)n * n));
    }

    static int TotalSteps(TrainInputs inputs, TrainOptions options)
    {
        var total = options.MaxSteps ?? Enumerable.Range(0, options.Epochs).Sum(e => inputs.Plan(e).Count);
        return total > 0 && inputs.Plan(0).Count > 0
            ? total
            : throw new TrainerException($"The plan has no batch: {inputs.Rows.Rows.Count} rows, batch_size {options.BatchSize}. Lower batch_size or give more pairs.");
    }

    static (EmbeddingModel Model, StartingModel Start) Model(TrainInputs inputs, TrainOptions options)
    {
        var tokenizer = ModelFolder.LoadTokenizer(inputs.InitialModel ?? inputs.Tokenizer);
        var start = StartingModel.Decide(inputs.InitialModel, tokenizer.VocabularySize, options);
        CompatibilityGate.Require(inputs.InitialModel?.Label ?? "", start.Contradictions, options.Model.Allow);
        if (options.MatryoshkaDims.Any(d => d < 1 || d > start.Config.Dimensions))
        {
            throw new TrainerException($"matryoshka_dims {string.Join(", ", options.MatryoshkaDims)}: expected lengths from 1 to the encoder's {start.Config.Dimensions}.");
        }

        return (inputs.InitialModel is { } initial ? ModelFolder.Load(initial, start.Config, inputs.Seed) : new EmbeddingModel(start.Config, tokenizer, NewEncoder(inputs, options, tokenizer, start.Config)), start);
    }

    static IEncoder NewEncoder(TrainInputs inputs, TrainOptions options, ITokenizer tokenizer, ModelConfig config)
    {
        if (options.Transformer is { } transformer)
        {
            var encoder = TransformerEncoder.Create(transformer.ToConfig(tokenizer.VocabularySize, tokenizer.PadId), inputs.Seed);
            var projection = options.Model.Projection is { } outputs ? Projection.Create(transformer.HiddenSize, outputs, inputs.Seed) : null;
            return new PooledTransformer(encoder, PoolingNames.Parse(config.Pooling), projection);
        }

        var weights = options.Encoder.IdfWeights ? inputs.Rows.Passages.LogInverseFrequencies(tokenizer.VocabularySize) : null;
        return StaticEncoder.Create(tokenizer.VocabularySize, options.Encoder, inputs.Seed, (tokenizer as WordPieceTokenizer)?.Model.Pieces, weights);
    }

    // How often checkpoints are written changes no byte of the model, nor does the index of its device, so that a resumed training may do otherwise.
    static string Fingerprint(TrainInputs inputs, TrainOptions options)
    {
        var text = JsonSerializer.Serialize(new
        {
            options = options with { CheckpointEvery = 0, Device = new Device(options.Device).type.ToString() },
            inputs.DataDigest,
            inputs.Seed,
            inputs.Threads,
            rows = inputs.Rows.Rows.Count,
            tokens = inputs.Rows.Passages.Tokens + inputs.Rows.Queries.Tokens,
            initial = inputs.InitialModel is { } initial ? ModelFolder.Digest(initial) : "",
            libtorch = TorchRuntime.Version,
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
