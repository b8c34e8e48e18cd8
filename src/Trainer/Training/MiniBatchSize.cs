using System.Text.Json.Nodes;
using TorchSharp;
using Trainer.Checkpoints;

namespace Trainer.Training;

/// <summary>
/// How many texts go through the encoder at once. Under gradient caching the loss is taken over the whole batch, whatever passes through the encoder at a time, so that memory that
/// runs out is answered by half as many kept graphs, then by half as many texts, and the step is done again. Without gradient caching fewer texts would be another loss: memory that runs out ends the training with
/// what was found and what to do.
/// </summary>
/// <param name="initial">Texts at first; a resumed training takes those of its checkpoint (<see cref="Restore"/>): dropout's draws depend on them.</param>
/// <param name="gradientCaching">Whether a smaller mini-batch leaves the loss as it is.</param>
/// <param name="batchSize">Rows of a batch, for the message.</param>
/// <param name="device">Where the encoder runs.</param>
/// <param name="observer">Told of every change as the event <c>out_of_memory</c>.</param>
public sealed class MiniBatchSize(int initial, bool gradientCaching, int batchSize, torch.Device device, ITrainObserver observer) : ICheckpointed
{
    /// <summary>Name of the event.</summary>
    public const string OutOfMemory = "out_of_memory";

    /// <summary>Texts that go through the encoder at once now; at least 1. It only ever falls.</summary>
    public int Texts { get; private set; } = initial >= 1 ? initial : throw new ArgumentOutOfRangeException(nameof(initial), initial, "Expected at least one text.");

    /// <inheritdoc/>
    public string Name => "mini_batch_size";

    /// <inheritdoc/>
    public JsonNode? State() => new JsonObject { ["texts"] = Texts };

    /// <inheritdoc/>
    public IEnumerable<SafetensorsTensor> Tensors() => [];

    /// <inheritdoc/>
    public void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors) =>
        Texts = (int)state!["texts"]! is var texts and >= 1 ? texts : throw new TrainerException("The checkpoint has a mini-batch without a text; expected at least one.");

    /// <summary>Runs a step, again with half as many texts where memory ran out and caching allows it. What the step drew from random generators is drawn again.</summary>
    /// <param name="step">Number of the step, for the event.</param>
    /// <param name="attempt">The step, given the texts at once. It must begin with gradients of zero, change no weight before its memory is spent, and leave no tensor behind.</param>
    /// <param name="keepFewer">Asked first under gradient caching: keeps fewer graphs, which changes no draw, and says how many before and after; null where there are none to give up.</param>
    /// <exception cref="TrainerException">Memory ran out without gradient caching, or with a single text.</exception>
    public T Run<T>(int step, Func<int, T> attempt, Func<(int Before, int After)?>? keepFewer = null)
    {
        using var scope = torch.NewDisposeScope();
        var again = gradientCaching && (Texts > 1 || keepFewer is not null);
        var cpu = again ? torch.get_rng_state() : null;
        var own = again && device.type == DeviceType.CUDA ? TorchRuntime.DefaultGenerator(device).get_state() : null;
        while (true)
        {
            TorchOutOfMemoryException fault;
            try
            {
                // Tensors of an attempt that failed go before the next one asks for memory.
                using var inner = torch.NewDisposeScope();
                return attempt(Texts);
            }
            catch (TorchOutOfMemoryException error)
            {
                fault = error;
            }

            if (cpu is not null && keepFewer?.Invoke() is var (graphs, fewer))
            {
                Tell(step, $"{graphs} kept graphs", graphs, fewer, fault);
            }
            else if (cpu is not null && Texts > 1)
            {
                var before = Texts;
                Texts /= 2;
                Tell(step, $"{before} texts at once", before, Texts, fault);
            }
            else
            {
                throw Exhausted(step, fault);
            }

            torch.set_rng_state(cpu);
            if (own is not null)
            {
                TorchRuntime.DefaultGenerator(device).set_state(own);
                Emptied();
            }
        }
    }

    void Tell(int step, string what, int before, int after, TorchOutOfMemoryException fault) =>
        observer.Event(new TrainEvent(OutOfMemory, step, $"{what} did not fit {device} ({DeviceMemory.Describe(device)}); going on with {after}: {fault.Message}")
        {
            Before = before,
            After = after,
        });

    static void Emptied()
    {
        try
        {
            TorchRuntime.EmptyCudaCache();
        }
        catch (TorchException)
        {
            // A libtorch that gives no figures cannot be asked either; its allocator empties the cache by itself before it gives up.
        }
    }

    TrainerException Exhausted(int step, TorchOutOfMemoryException fault)
    {
        var advice = gradientCaching
            ? "One text alone does not fit: shorten passage_length, use precision bf16 or a smaller model."
            : "Lower batch_size, passage_length or negatives, or use precision bf16.";
        return new TrainerException(
            $"Memory of {device} ran out in step {step} with batch_size {batchSize} ({DeviceMemory.Describe(device)}): {fault.Message} {advice}", fault);
    }
}
