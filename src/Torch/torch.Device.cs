namespace TorchSharp;

public static partial class torch
{
    /// <summary>The CPU.</summary>
    public static readonly Device CPU = new(DeviceType.CPU);

    /// <summary>The current CUDA device.</summary>
    public static readonly Device CUDA = new(DeviceType.CUDA);

    /// <summary>A device by its description: "cpu", "cuda" or "cuda:1".</summary>
    public static Device device(string description) => new(description);

    /// <summary>A device by kind and index; index -1 is the current one of its kind.</summary>
    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    /// <summary>Where a tensor lives: a kind of device and its index, -1 for the current one.</summary>
    public sealed class Device : IEquatable<Device>
    {
        /// <param name="description">"cpu", "cuda" or "cuda:INDEX"</param>
        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            var parts = description.Split(':');
            type = parts[0].ToLowerInvariant() switch
            {
                "cpu" => DeviceType.CPU,
                "cuda" => DeviceType.CUDA,
                "meta" => DeviceType.META,
                _ => throw new ArgumentException($"'{description}' names no device: expected cpu, cuda or cuda:INDEX.", nameof(description)),
            };
            if (parts.Length > 1)
            {
                if (parts.Length > 2 || !int.TryParse(parts[1], out var at) || at < 0)
                {
                    throw new ArgumentException($"'{description}' names no device: expected cpu, cuda or cuda:INDEX.", nameof(description));
                }
                index = at;
            }
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public DeviceType type { get; }

        public int index { get; } = -1;

        public static implicit operator Device(string description) => new(description);

        public bool Equals(Device? other) => other is not null && type == other.type && index == other.index;

        public override bool Equals(object? obj) => Equals(obj as Device);

        public override int GetHashCode() => HashCode.Combine(type, index);

        public override string ToString() => type.ToString().ToLowerInvariant() + (index < 0 ? "" : $":{index}");
    }
}
